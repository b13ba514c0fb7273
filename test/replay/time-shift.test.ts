import { describe, expect, it } from 'vitest';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { deltaSeconds, timeEdits } from '../../src/replay/time-shift.ts';

const NOON_US = Date.parse('2026-01-01T12:00:00Z') * 1000;

describe('time shift', () => {
  it('moves the start or the end of the recording to now, in whole seconds, never into the future', () => {
    const span = { fromUs: NOON_US, toUs: NOON_US + 60_000_000 };
    const runStartUs = NOON_US + 3_600_900_000;
    expect(deltaSeconds('shift', runStartUs, span)).toBe(3600);
    expect(deltaSeconds('end-now', runStartUs, span)).toBe(3540);
    expect(deltaSeconds('keep', runStartUs, span)).toBe(0);
  });

  it('moves by whole weeks, so that weekday and time of day hold, and not into the future', () => {
    const day = 24 * 3600;
    const span = { fromUs: NOON_US, toUs: NOON_US + 2 * day * 1e6 };
    const delta = (days: number, isRecordedPace: boolean) =>
      deltaSeconds('weeks', NOON_US + days * day * 1e6, span, isRecordedPace) / day;
    expect([delta(7, true), delta(6.9, true), delta(20, true), delta(-1, true)]).toEqual([7, 0, 14, -7]);
    expect([delta(7, false), delta(9, false), delta(8.9, false)]).toEqual([0, 7, 0]);
  });

  it('edits the times of a payload and nothing else', () => {
    const payload = {
      connectorId: 1,
      meterValue: [
        { timestamp: '2026-01-01T12:00:00.5Z', sampledValue: [{ value: '2026-01-01T12:00:00Z' }] },
        { timestamp: '2014-01-01T00:00:00Z', sampledValue: [] },
        { timestamp: 'yesterday', sampledValue: [] },
      ],
    };
    const message = { action: 'MeterValues', part: 'call', payload, atUs: NOON_US } as const;
    expect(timeEdits(ocpp16, message, 60)).toEqual([
      { path: ['meterValue', 0, 'timestamp'], token: '"2026-01-01T12:01:00.5Z"' },
    ]);
  });
});
