import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeMessage,
  encodeCallError,
  encodeCallResult,
  payloadIndex,
  withMessageId,
} from '../../src/ocpp/message.ts';

describe('decodeMessage', () => {
  test('reads a call, a result and an error', () => {
    expect(decodeMessage(' [2, "0880322", "Heartbeat", {}]\n')).toEqual({
      type: 'call',
      messageId: '0880322',
      action: 'Heartbeat',
      payload: {},
    });
    expect(decodeMessage('[3,"a1",\n{\n"status": "Accepted"\n}]')).toEqual({
      type: 'callResult',
      messageId: 'a1',
      payload: { status: 'Accepted' },
    });
    expect(decodeMessage('[4,"x9","NotSupported","SendLocalList.req not implemented",{"a":1}]')).toEqual({
      type: 'callError',
      messageId: 'x9',
      errorCode: 'NotSupported',
      errorDescription: 'SendLocalList.req not implemented',
      errorDetails: { a: 1 },
    });
  });

  test('reads a payload that is null or missing as an empty object', () => {
    expect(decodeMessage('[2,"1","Heartbeat"]')).toHaveProperty('payload', {});
    expect(decodeMessage('[2,"1","Heartbeat",null]')).toHaveProperty('payload', {});
    expect(decodeMessage('[3,"1"]')).toHaveProperty('payload', {});
    expect(decodeMessage('[4,"1","GenericError"]')).toMatchObject({ errorDescription: '', errorDetails: {} });
    expect(decodeMessage('[4,"1","GenericError",null,"text"]')).toMatchObject({ errorDetails: 'text' });
  });

  test('keeps payloads and ids that are odd', () => {
    expect(decodeMessage('[2,"","X",["a"]]')).toMatchObject({ messageId: '', payload: ['a'] });
    expect(decodeMessage(`[3,"${'i'.repeat(99)}",{}]`)).toHaveProperty('messageId', 'i'.repeat(99));
    expect(decodeMessage('[2,"7","StopTransaction",{"transactionId":9223372036854775807}]')).toHaveProperty(
      'payload.transactionId',
      9223372036854775807n,
    );
  });

  test.each([
    ['', 'the text is empty'],
    [' \n', 'the text is empty'],
    ['[2,"x","MeterValues",{"sampledValue":[,{}]}]', 'the text is not JSON'],
    ['{"a":1}', 'the JSON is not an array'],
    ['null', 'the JSON is not an array'],
    ['[]', 'the message type is not 2, 3 or 4'],
    ['["2","1","Heartbeat",{}]', 'the message type is not 2, 3 or 4'],
    ['[5,"1",{}]', 'the message type is not 2, 3 or 4'],
    ['[3,1,{}]', 'the message id is not a string'],
    ['[2,"1",{}]', 'the action is not a string'],
    ['[4,"1"]', 'the error code is not a string'],
    [`[3,"1",${'['.repeat(300)}${']'.repeat(300)}]`, 'the JSON is nested deeper than 256'],
    [`[3,"1",${'{"a":'.repeat(256)}1${'}'.repeat(256)}]`, 'the JSON is nested deeper than 256'],
    [`[3,"1",${'['.repeat(100_000)}9223372036854775807${']'.repeat(100_000)}]`, 'the text is not JSON'],
  ])('says why it cannot read %j', (text, reason) => {
    expect(decodeMessage(text)).toEqual({ type: 'malformed', reason });
  });

  test('takes many brackets that do not nest deeply', () => {
    const payload = { flat: Array(300).fill([]), text: '['.repeat(300) };
    expect(decodeMessage(JSON.stringify([3, '1', payload]))).toMatchObject({ type: 'callResult', payload });
  });

  test('never throws', () => {
    const element = fc.oneof(fc.jsonValue(), fc.constantFrom(2, 3, 4, '1', 'Heartbeat'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.array(element).map((a) => JSON.stringify(a)),
        ),
        (text) => {
          expect(['call', 'callResult', 'callError', 'malformed']).toContain(decodeMessage(text).type);
        },
      ),
    );
  });
});

describe('writing messages', () => {
  test('gives what decodeMessage reads', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (messageId, code, description) => {
        const result = encodeCallResult(messageId, '{"a":9223372036854775807}');
        expect(decodeMessage(result)).toEqual({
          type: 'callResult',
          messageId,
          payload: { a: 9223372036854775807n },
        });
        expect(decodeMessage(encodeCallError(messageId, code, description, '{}'))).toEqual({
          type: 'callError',
          messageId,
          errorCode: code,
          errorDescription: description,
          errorDetails: {},
        });
      }),
    );
  });

  test('withMessageId changes the id and nothing else', () => {
    expect(withMessageId('[ 3 ,\n"a\\"1" , {"a1": 1.0} ] ', 'b"2')).toBe('[ 3 ,\n"b\\"2" , {"a1": 1.0} ] ');
    expect(withMessageId('[3,"",{}]', '$&')).toBe('[3,"$&",{}]');
    expect(withMessageId('no message', 'x')).toBe('no message');
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.jsonValue(), (from, to, payload) => {
        const text = (id: string) => JSON.stringify([3, id, payload], null, 1);
        expect(withMessageId(text(from), to)).toBe(text(to));
      }),
    );
  });

  test('payloadIndex names the place of the payload', () => {
    expect((['call', 'callResult', 'callError'] as const).map(payloadIndex)).toEqual([3, 2, 4]);
  });
});
