import { describe, expect, test } from 'vitest';
import { basicUserOf, identityOf } from '../../src/session/identity.ts';

describe('identityOf', () => {
  test.each([
    ['/ocpp/CP001', 'CP001', '/ocpp'],
    ['/CP001', 'CP001', ''],
    ['CP001', 'CP001', ''],
    ['//ocpp//CP1/', 'CP1', '/ocpp'],
    ['/ocppj/RDAM%20123?token=x/y', 'RDAM 123', '/ocppj'],
    ['/ocppj/RDAM 123', 'RDAM 123', '/ocppj'],
    ['/ocpp/CP%2', 'CP%2', '/ocpp'],
    ['/ocpp/CP%FF', 'CP%FF', '/ocpp'],
    ['/a%20b/CP%2F1', 'CP/1', '/a%20b'],
    ['ws://host:9000/ocpp/CP1', 'CP1', '/ocpp'],
    ['WSS://user:p@host/CP1#x', 'CP1', ''],
    [Buffer.from('/ocpp/Säule').toString('latin1'), 'Säule', '/ocpp'],
    ['/ocpp/S%C3%A4ule', 'Säule', '/ocpp'],
    ['/ocpp/S\u00e4ule', 'Säule', '/ocpp'],
  ])('of %s is %s', (target, identity, endpoint) => {
    expect(identityOf(target, 'user', '10.0.0.1')).toEqual({ identity, endpoint });
  });

  test('is the Basic user, else the address, without a path segment', () => {
    expect(identityOf('/', 'CP7', '10.0.0.1')).toEqual({ identity: 'CP7', endpoint: '' });
    expect(identityOf('//?x=1', null, '10.0.0.1')).toEqual({ identity: '(none)@10.0.0.1', endpoint: '' });
    expect(identityOf('ws://host', '', '::1')).toEqual({ identity: '(none)@::1', endpoint: '' });
    expect(identityOf('', null, null)).toEqual({ identity: '(none)@', endpoint: '' });
  });
});

describe('basicUserOf', () => {
  test('is the user name before the first colon, whatever bytes the password has', () => {
    const credentials = Buffer.from([...Buffer.from('AL1000:'), 0, 1, 255]).toString('base64');
    expect(basicUserOf(`Basic ${credentials}`)).toBe('AL1000');
    expect(basicUserOf(`basic  ${Buffer.from('Säule:x').toString('base64')} `)).toBe('Säule');
  });

  test('is null without Basic credentials', () => {
    for (const value of [null, '', 'Basic', 'Bearer abc', 'Basic ###', `Basic ${btoa(':x')}`]) {
      expect(basicUserOf(value)).toBeNull();
    }
  });
});
