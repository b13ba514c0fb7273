import { describe, expect, it } from 'vitest';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { lapMap, lapOf, requireMovingTimes, secondsBack } from '../../src/replay/laps.ts';
import { AS_RECORDED } from '../../src/replay/staging-map.ts';

const SPAN = { fromUs: 0, toUs: 90_500_000 };

describe('laps', () => {
  it('have message ids of their own, no longer than they may be', () => {
    const [second, third] = [1, 2].map((lap) => lapMap(AS_RECORDED, lap).messageId!);
    expect(second!('36:352')).toBe('36:352-2');
    expect(third!('36:352')).toBe('36:352-3');
    const uuid = '5abed4b4-4193-4a21-aaae-62bdf6f98d23';
    expect(second!(uuid)).toHaveLength(36);
    expect(second!(uuid)).not.toBe(third!(uuid));
    expect(lapMap(AS_RECORDED, 0)).toBe(AS_RECORDED);
  });

  it('are told apart in the run', () => {
    const session = { identity: 'CP-7' } as Parameters<typeof lapOf>[0];
    expect([0, 1].map((lap) => lapOf(session, lap).identity)).toEqual(['CP-7', 'CP-7@2']);
  });

  it('end with now: those before the last are further back, by whole weeks where weekdays hold', () => {
    const back = (time: 'end-now' | 'weeks' | 'shift') =>
      [0, 1, 2].map((lap) => secondsBack(time, SPAN, { times: 3 }, lap));
    expect(back('end-now')).toEqual([184, 92, 0]);
    expect(back('weeks')).toEqual([2 * 604_800, 604_800, 0]);
    expect(back('shift')).toEqual([0, 0, 0]);
  });

  it('are refused when their times would not go on', () => {
    expect(() => requireMovingTimes('keep', { times: 2 })).toThrow('--time keep');
    expect(() => requireMovingTimes('end-now', { forMs: 1000 })).toThrow('number of times');
    expect(() => requireMovingTimes('shift', { forMs: 1000 })).not.toThrow();
    expect(() => requireMovingTimes('keep', { times: 1 })).not.toThrow();
  });
});

describe('registers', () => {
  it('are the import registers of a call, each of its connector, phase and place; signed ones are left alone', () => {
    const sampledValue = [
      { value: '12.5', unit: 'kWh' },
      { value: '7', measurand: 'Power.Active.Import' },
      { value: '3', measurand: 'Energy.Active.Import.Register', phase: 'L1', location: 'Inlet' },
      { value: '3031', format: 'SignedData' },
    ];
    const call = { connectorId: 2, transactionId: 5, meterValue: [{ timestamp: '', sampledValue }] };
    const ground = { connector: '2', transaction: '5' };
    const path = ['meterValue', 0, 'sampledValue'];
    expect(ocpp16.registers('MeterValues', call)).toEqual([
      { ...ground, path: [...path, 0, 'value'], meter: '', text: '12.5', unitWh: 1000 },
      { ...ground, path: [...path, 2, 'value'], meter: 'L1 Inlet', text: '3', unitWh: 1 },
    ]);
    expect(ocpp16.registers('StopTransaction', { transactionId: 5, meterStop: 9 })).toEqual([
      { connector: null, transaction: '5', path: ['meterStop'], meter: '', text: '9', unitWh: 1 },
    ]);
    expect(ocpp16.registers('Heartbeat', {})).toEqual([]);
  });
});
