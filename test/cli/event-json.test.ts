import { expect, test } from 'vitest';
import { eventJson, summaryJson } from '../../src/cli/event-json.ts';
import { connection, frame, frameEvent, START_US, summary } from './recorded.ts';

test('a frame has its payload as text and its time twice', () => {
  const text = '[2,"ä",  "Heartbeat",{"n":9007199254740993}]';
  const json = eventJson(frameEvent(frame(text, { atUs: START_US + 123 })));
  expect(JSON.parse(JSON.stringify(json))).toMatchObject({
    event: 'frame',
    id: 2,
    sender: 'charger',
    at: '2026-11-22T07:22:59.067123Z',
    atUs: START_US + 123,
    messageType: 'call',
    action: 'Heartbeat',
    payload: text,
    link: null,
  });
  expect(json).not.toHaveProperty('payloadBase64');
});

test('a payload that is not UTF-8 is base64', () => {
  const json = eventJson(frameEvent(frame('', { payload: Uint8Array.of(0xff, 0xfe) })));
  expect(json).toMatchObject({ payloadBase64: '//4=' });
  expect(json).not.toHaveProperty('payload');
});

test('an opening and an end carry the connection and their place in the order', () => {
  const refused = connection({
    status: 401,
    refusalBody: Buffer.from('go away'),
    closedId: null,
    closedAtUs: null,
  });
  expect(eventJson({ kind: 'opened', id: 1, connection: refused })).toMatchObject({
    event: 'opened',
    order: 1,
    id: 1,
    status: 401,
    refusalBody: 'go away',
    openedAt: '2026-11-22T07:22:59.067000Z',
    closedAt: null,
  });
  expect(eventJson({ kind: 'closed', id: 90, connection: connection() })).toMatchObject({
    event: 'closed',
    order: 90,
    closeCode: 1000,
    closedAt: '2026-11-22T07:23:11.412678Z',
  });
});

test('a session has its times twice, and none when it has no frames', () => {
  expect(summaryJson(summary())).toMatchObject({
    id: 1,
    identity: 'CP-1',
    firstAtUs: START_US,
    firstAt: '2026-11-22T07:22:59.067000Z',
    lastAt: '2026-11-22T07:24:04.067000Z',
  });
  expect(summaryJson(summary({ firstAtUs: null, lastAtUs: null }))).toMatchObject({
    firstAt: null,
    lastAt: null,
  });
});
