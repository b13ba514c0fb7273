import { describe, expect, it } from 'vitest';
import type { ReplayOptions } from '../../../src/replay/replay.ts';
import { golden } from '../../support/golden-csms.ts';
import { SCRIPT_START_US } from '../../support/scripted-session.ts';

const STEP_MS = 400;

/** A message every 400 ms, each with its time; the second one was queued for an hour. */
const TIMES = [0, 1, 2, 3].map((turn) => new Date(SCRIPT_START_US / 1000 + turn * STEP_MS));
const LAG_MS = 3_600_000;
const script = `
  0 open
  ${TIMES.map((time, turn) => {
    const told = new Date(time.getTime() - (turn === 1 ? LAG_MS : 0)).toISOString().replace('Z', '+00:00');
    return `${turn * STEP_MS} > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"${told}"}
            ${turn * STEP_MS + 1} < {}`;
  }).join('\n')}`;

const WEEK_MS = 7 * 24 * 3600 * 1000;

type Case = [string, Pick<ReplayOptions, 'speed' | 'time'> & { maxGapMs?: number }];
const CASES: Case[] = [
  ['shift at speed 1', { speed: 1, time: 'shift' }],
  ['end-now at speed 4', { speed: 4, time: 'end-now' }],
  ['end-now at half the speed', { speed: 0.5, time: 'end-now' }],
  ['end-now at full speed', { speed: 'max', time: 'end-now' }],
  ['end-now with pauses cut', { speed: 1, time: 'end-now', maxGapMs: 100 }],
  ['weeks at speed 1', { speed: 1, time: 'weeks' }],
  ['weeks at full speed', { speed: 'max', time: 'weeks' }],
  ['weeks with pauses cut', { speed: 1, time: 'weeks', maxGapMs: 100 }],
];

describe.concurrent('the times that a charger tells', () => {
  it.each(CASES)(
    'are not ahead of the wall clock of the CSMS, by the same lags as recorded: %s',
    async (_, options) => {
      const { calls } = await golden(script, () => [], options);
      const told = calls.map(({ payload }) => String(payload.timestamp));
      expect(told).toHaveLength(4);
      for (const [turn, { atMs }] of calls.entries()) {
        expect(Date.parse(told[turn] ?? '') - atMs).toBeLessThanOrEqual(1_000);
        expect(told[turn]).toMatch(/\.\d00\+00:00$/);
      }
      const [first = 0, second = 0, third = 0, fourth = 0] = told.map((time) => Date.parse(time));
      expect([second - first, third - first, fourth - first]).toEqual([
        STEP_MS - LAG_MS,
        2 * STEP_MS,
        3 * STEP_MS,
      ]);
      if (options.time === 'weeks') expect((first - (TIMES[0]?.getTime() ?? 0)) % WEEK_MS).toBe(0);
    },
  );
});
