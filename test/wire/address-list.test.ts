import { describe, expect, it } from 'vitest';
import { AddressList, isBlock, plainAddress } from '../../src/wire/address-list.ts';

describe('AddressList', () => {
  const list = new AddressList(['10.0.0.0/8', '192.168.1.7', '2001:db8::/32']);

  it.each(['10.255.0.1', '192.168.1.7', '::ffff:10.1.2.3', '2001:db8:1::9'])('has %s', (address) => {
    expect(list.has(address)).toBe(true);
  });

  it.each(['11.0.0.1', '192.168.1.8', '2001:db9::', 'name', '', null, undefined])('has not %s', (address) => {
    expect(list.has(address)).toBe(false);
  });

  it('tells blocks from other texts', () => {
    expect(['10.0.0.0/8', '::1', '1.2.3.4/32', '::/0'].every(isBlock)).toBe(true);
    expect(['CP-*', '10.0.0.0/33', '10.0.0/8', '::/129', '1.2.3.4/8/8', '1.2.3.4/x', ''].some(isBlock)).toBe(
      false,
    );
    expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
  });
});
