import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withCanaries } from './copy-captures.ts';

const folder = new URL('../../fixtures/captures/', import.meta.url).pathname;
const basic = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

describe('withCanaries', () => {
  it('keeps scheme and identity and replaces the password wherever it occurs', () => {
    const secret = basic('CP-1:hunter2');
    const text = withCanaries(`{"handshake":["authorization: Basic ${secret}"]} {"note":"${secret}"}`);
    expect(text).not.toContain(secret);
    const tokens = [...text.matchAll(/"(?:authorization: Basic )?([A-Za-z0-9+/=]{16,})"/g)].map(
      (match) => match[1],
    );
    expect(tokens).toHaveLength(2);
    for (const token of tokens)
      expect(Buffer.from(token ?? '', 'base64').toString()).toMatch(/^CP-1:canary-[0-9a-f]{12}$/);
  });

  it('puts bytes that are no UTF-8 for a password that was none', () => {
    const text = withCanaries(`Authorization: Basic ${basic('CP-1:\xab\xcd')}`);
    const password = Buffer.from(text.split(' ')[2] ?? '', 'base64');
    expect(password.subarray(0, 12).toString()).toBe('CP-1:canary-');
    expect(Buffer.from(password.toString()).equals(password)).toBe(false);
  });
});

describe('fixtures/captures', () => {
  const names = readdirSync(folder);

  it('has a wire log for every capture', () => {
    const captures = names.filter((name) => name.endsWith('.jsonl'));
    expect(captures.length).toBeGreaterThanOrEqual(28);
    expect(names).toEqual(
      expect.arrayContaining(captures.map((name) => name.replace('.jsonl', '.wire.log'))),
    );
  });

  it('holds canaries in the place of all credentials', () => {
    const found = names.flatMap((name) => [
      ...readFileSync(folder + name, 'utf8').matchAll(/authorization: (\S+) ([^"\\]+)/gi),
    ]);
    expect(found.length).toBeGreaterThan(0);
    for (const [, scheme, token] of found) {
      expect(scheme).toBe('Basic');
      expect(Buffer.from(token ?? '', 'base64').toString('latin1')).toContain(':canary-');
    }
  });
});
