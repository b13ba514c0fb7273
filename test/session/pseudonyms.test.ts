import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudonymiseHead, pseudonymiseText } from '../../src/session/pseudonymise.ts';
import { Pseudonyms } from '../../src/session/pseudonyms.ts';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const pseudonyms = new Pseudonyms(KEY);
const kindOf = (text: string) => (/^\d*$/.test(text) ? 'digits' : /^[\da-f]*$/i.test(text) ? 'hex' : 'any');

describe('a tag', () => {
  it('keeps its length, its alphabet and the characters between', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/), (tag) => {
        const hidden = pseudonyms.tag(tag);
        expect(hidden).toHaveLength(tag.length);
        expect(hidden.replace(/[a-z\d]/gi, 'x')).toBe(tag.replace(/[a-z\d]/gi, 'x'));
        const [before, after] = [tag, hidden].map((text) => text.replace(/[^a-z\d]/gi, ''));
        expect(kindOf(after!)).toBe(kindOf(before!));
      }),
    );
  });

  it.each([
    ['digits', '0123456789', 3],
    ['hex', '0123456789abcdef', 2],
    ['letters and digits', '0123456789abcdefghijklmnopqrstuvwxyz', 2],
    ['one character', '0123456789abcdefghijklmnopqrstuvwxyz', 1],
  ])('has a pseudonym of its own among all %s', (_name, alphabet, length) => {
    let all = [''];
    for (let i = 0; i < length; i++)
      all = all.flatMap((text) => [...alphabet].map((letter) => text + letter));
    expect(new Set(all.map((tag) => pseudonyms.tag(tag).toLowerCase())).size).toBe(all.length);
  });

  it('is the same whatever its case, by the same key everywhere, and another by another key', () => {
    expect(pseudonyms.tag('04abBE2a').toLowerCase()).toBe(pseudonyms.tag('04ABBE2A').toLowerCase());
    expect(new Pseudonyms(Buffer.concat([KEY, Buffer.from('\n')])).tag('04ABBE2A')).toBe(
      pseudonyms.tag('04ABBE2A'),
    );
    const other = new Pseudonyms(Buffer.from('another key of thirty-two bytes!'));
    expect(other.tag('04ABBE2A')).not.toBe(pseudonyms.tag('04ABBE2A'));
    expect(other.fingerprint).not.toBe(pseudonyms.fingerprint);
    expect(pseudonyms.tag('04ABBE2A')).not.toBe('04ABBE2A');
  });
});

describe('an address', () => {
  it('becomes another of its family, with the same port', () => {
    expect(pseudonyms.address('10.1.2.3:5000')).toMatch(/^(\d+\.){3}\d+:5000$/);
    expect(pseudonyms.address('10.1.2.3')).toBe(pseudonyms.address('10.1.2.3:5000').replace(':5000', ''));
    expect(pseudonyms.address('[2001:db8::1]:80')).toMatch(/^\[([\da-f]{4}:){7}[\da-f]{4}\]:80$/);
    expect(pseudonyms.address('2001:db8:0:0::1')).toBe(pseudonyms.address('2001:db8::0.0.0.1'));
    expect(pseudonyms.address('csms.example:80')).toBe('csms.example:80');
    const all = Array.from({ length: 256 }, (_, last) => pseudonyms.address(`10.0.0.${last}`));
    expect(new Set(all).size).toBe(256);
  });
});

it('a short key is refused', () => {
  expect(() => new Pseudonyms(Buffer.from('too short'))).toThrow(
    expect.objectContaining({ code: 'BAD_KEY_FILE' }),
  );
});

describe('a frame', () => {
  const tag = (text: string) => pseudonyms.tag(text);
  it.each([
    ['[2,"1","Authorize",{"idTag":"AB12"}]', `[2,"1","Authorize",{"idTag":"${tag('AB12')}"}]`],
    [
      '[3,"1",{"idTagInfo":{ "parentIdTag" : "AB12" }}]',
      `[3,"1",{"idTagInfo":{ "parentIdTag" : "${tag('AB12')}" }}]`,
    ],
    [
      '[2,"1","SendLocalList",{"localAuthorizationList":[{"idTag":"A1"},{"idTag":"A2"}]}]',
      `[2,"1","SendLocalList",{"localAuthorizationList":[{"idTag":"${tag('A1')}"},{"idTag":"${tag('A2')}"}]}]`,
    ],
    [
      '[2,"1","ChangeConfiguration",{"key":"DummyIdTagForAutostart","value":"AB12"}]',
      `[2,"1","ChangeConfiguration",{"key":"DummyIdTagForAutostart","value":"${tag('AB12')}"}]`,
    ],
    [
      '[3,"1",{"configurationKey":[{"key":"PlugAndChargeIdentifier","readonly":false,"value":"AB12"},{"key":"AutoStart","value":"true"}]}]',
      `[3,"1",{"configurationKey":[{"key":"PlugAndChargeIdentifier","readonly":false,"value":"${tag('AB12')}"},{"key":"AutoStart","value":"true"}]}]`,
    ],
    [
      '[2,"1","BootNotification",{"iccid":"8949020000012345678","imsi":"262011234567890"}]',
      `[2,"1","BootNotification",{"iccid":"${tag('8949020000012345678')}","imsi":"${tag('262011234567890')}"}]`,
    ],
    [
      '[2,"1","DataTransfer",{"data":"{\\"idTag\\":\\"AB12\\"}"}]',
      `[2,"1","DataTransfer",{"data":"{\\"idTag\\":\\"${tag('AB12')}\\"}"}]`,
    ],
    ['[2,"1","X",{"info":"from 10.0.0.1"}]', `[2,"1","X",{"info":"from ${pseudonyms.address('10.0.0.1')}"}]`],
    ['[2,"1","Authorize",{"idTag":"AB12"', `[2,"1","Authorize",{"idTag":"${tag('AB12')}"`],
    ['[2,"AB12","Heartbeat",{"firmware":"1.2.3"}]', '[2,"AB12","Heartbeat",{"firmware":"1.2.3"}]'],
  ])('%s', (text, hidden) => {
    expect(pseudonymiseText(text, pseudonyms)).toBe(hidden);
  });

  it("'s head names no address", () => {
    const head = 'GET / HTTP/1.1\r\nHost: 10.0.0.9\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n\r\n';
    const [one, two] = ['10.0.0.1', '10.0.0.2'].map((address) => pseudonyms.address(address));
    expect(pseudonymiseHead(head, pseudonyms)).toBe(head.replace('10.0.0.1', one!).replace('10.0.0.2', two!));
  });
});
