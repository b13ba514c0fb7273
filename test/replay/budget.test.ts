import { describe, expect, it } from 'vitest';
import { budgeted } from '../../src/replay/budget.ts';
import { SCRIPT_START_US, scriptedReader, scriptedSession } from '../support/scripted-session.ts';

const beat = (ms: number) => `${ms} > Heartbeat {}\n${ms + 10} < {"currentTime":"2026-01-01T00:00:00Z"}`;

/** A hundred seconds of heartbeats, with a transaction from 70 to 80 s. */
const SCRIPT = `
  0 open
  ${Array.from({ length: 70 }, (_, second) => beat(second * 1000)).join('\n')}
  70000 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:01:10Z"}
  70010 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  80000 > StopTransaction {"transactionId":7,"meterStop":5,"timestamp":"2026-01-01T00:01:20Z"}
  80010 < {}
  ${Array.from({ length: 20 }, (_, second) => beat(80_500 + second * 1000)).join('\n')}`;

const selection = () => ({ reader: scriptedReader([scriptedSession(SCRIPT)]) });
const seconds = (us: number) => (us - SCRIPT_START_US) / 1e6;

describe('a budget', () => {
  it('keeps the window with the most kinds of messages, and lists the rest', async () => {
    const result = await budgeted(selection(), 16e6);
    const { slice, kept, dropped, lostKinds } = result!;
    expect(seconds(slice.fromUs!)).toBeLessThanOrEqual(70);
    expect(seconds(slice.toUs!)).toBeGreaterThan(80.01);
    expect(seconds(slice.toUs!) - seconds(slice.fromUs!)).toBeCloseTo(16);
    expect(kept.kinds).toBe(6);
    expect(dropped).toHaveLength(2);
    expect(kept.calls + dropped[0]!.calls + dropped[1]!.calls).toBe(92);
    expect(lostKinds).toEqual([]);
  });

  it('names the kinds of messages that did not fit', async () => {
    const result = await budgeted(selection(), 4e6);
    expect(result!.lostKinds).toHaveLength(2);
  });

  it('drops nothing when all fits', async () => {
    expect(await budgeted(selection(), 101e6)).toBeNull();
  });
});
