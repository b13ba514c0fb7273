import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/ocpp/message.ts';
import { plainMessage } from '../../src/session/plain-message.ts';
import { mayHoldSecret, SECRET_FRAGMENTS } from '../../src/session/secret-names.ts';

const read = (text: string) => plainMessage(Buffer.from(text));

/** What decoding says, as far as a plain message says it. */
function decoded(text: string) {
  const { type, messageId, action } = decodeMessage(text) as {
    type: string;
    messageId: string;
    action?: string;
  };
  return type === 'call' ? { type, messageId, action } : { type, messageId };
}

/** A JSON text, with white space where it may be. */
const jsonText = fc
  .tuple(
    fc.constantFrom(2, 3, 4, 5, '2', null),
    fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.integer()),
    fc.oneof(fc.constantFrom('Heartbeat', 'ok', 'Password'), fc.jsonValue()),
    fc.jsonValue({ maxDepth: 4 }),
    fc.constantFrom(undefined, 1, ' ', '\t', '\r\n'),
  )
  .map(([type, id, third, fourth, space]) => JSON.stringify([type, id, third, fourth], null, space));

/** The same text with one character changed, left out or doubled. */
const brokenText = fc
  .tuple(
    jsonText,
    fc.nat(),
    fc.constantFrom('', ',', '"', '[', '}', ':', '0', '-', '.', 'e', '\\', '\n', 'ä', '{}'),
  )
  .map(([text, place, put]) => {
    const at = place % text.length;
    return text.slice(0, at) + put + text.slice(at + (place % 3 === 0 ? 0 : 1));
  });

describe('a plain message', () => {
  it.each([
    ['[2,"a","Heartbeat",{}]', { type: 'call', messageId: 'a', action: 'Heartbeat' }],
    [' [ 2 , "a" , "X" ]\r\n', { type: 'call', messageId: 'a', action: 'X' }],
    ['[3,"",{"a":[1,-0.5e+3,true,false,null,{}]}]', { type: 'callResult', messageId: '' }],
    ['[3,"a"]', { type: 'callResult', messageId: 'a' }],
    ['[4,"a","GenericError","",{}]', { type: 'callError', messageId: 'a' }],
  ])('is read: %s', (text, message) => {
    expect(read(text)).toEqual(message);
    expect(decoded(text)).toEqual(message);
  });

  it.each([
    ...[
      '',
      '[',
      '[]',
      '[2]',
      '[2,"a"]',
      '{}',
      '2',
      '[2.0,"a","X",{}]',
      '[2,1,"X",{}]',
      '[4,"a",5]',
      '[22,"a","X"]',
      '[",",1]',
      '["2,",",","X"]',
    ],
    ...[
      '[3,"a",{}]x',
      '[3,"a",01]',
      '[3,"a",{"b":}]',
      '[3,"a",{},]',
      '[3,"a",1.]',
      '[3,"a",tru]',
      '[3,"a","\u0001"]',
    ],
    ...['[3,"a",{"Password":"x"}]', '[3,"a","ws://u:p@h"]', '[3,"a","\\u0041"]', '[3,"ä",{}]'],
    `[3,"a",${'['.repeat(100)}${']'.repeat(100)}]`,
  ])('is not: %s', (text) => {
    expect(read(text)).toBeNull();
  });

  it('says what decoding says, and holds no trace of a secret', () => {
    fc.assert(
      fc.property(fc.oneof(jsonText, brokenText), (text) => {
        const plain = read(text);
        if (plain === null) return;
        expect(decoded(text)).toEqual(plain);
        expect(mayHoldSecret(text)).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('has none of the fragments, in any case and at any place', () => {
    for (const fragment of SECRET_FRAGMENTS) {
      for (const text of [fragment, fragment.toUpperCase(), `x${fragment}`, fragment[0] + fragment]) {
        expect(read(JSON.stringify([3, 'a', { [text]: 1 }]))).toBeNull();
        expect(read(JSON.stringify([3, 'a', ['', text]]))).toBeNull();
      }
    }
  });
});
