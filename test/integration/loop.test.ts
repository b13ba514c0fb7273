import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfile } from '../../src/charge/profile-file.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { parseTime } from '../../src/ocpp/time.ts';
import { chargetape, type Finished } from '../support/binary.ts';
import type { ChargerLog } from '../support/csms-judge.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';

const LAPS = 3;
const fixtures = join(import.meta.dirname, '../../fixtures/sessions');
const sessions = vendorSessions().filter(({ flow }) => flow === 'full-transaction');

/** Identity of a session's charger, as its path says. */
function identityOf(text: string): string {
  const [, path] = /GET (\S+) HTTP/.exec(text)!;
  return decodeURIComponent(path!.split('/').at(-1)!);
}

/** What the registers of a connector said, Wh, in the order of arrival. */
function registersOf({ calls }: ChargerLog): number[] {
  return calls.flatMap(({ action, payload }) =>
    ocpp16
      .registers(action, payload as Parameters<typeof ocpp16.registers>[1])
      .filter(({ meter }) => meter === '')
      .filter(({ connector, path }) => (connector ?? '1') === '1' && path[0] !== 'transactionData')
      .map(({ text, unitWh }) => Number(text) * unitWh),
  );
}

function fallsOf(numbers: readonly number[]): number {
  return numbers.filter((number, at) => at > 0 && number < numbers[at - 1]!).length;
}

describe('replay --loop', () => {
  let logs: ChargerLog[] = [];
  let finished: Finished;
  let clean = () => {};
  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    const [fleet, run] = ['fleet.db', 'run.db'].map((name) => join(folder, name));
    await chargetape(['import', ...sessions.map(({ file }) => join(fixtures, file)), '--out', fleet!]);
    const csms = await startTestCsms();
    const options = [
      '--target',
      csms.url,
      '--speed',
      'max',
      '--wait',
      '5',
      '--loop',
      String(LAPS),
      '--no-cleanup',
    ];
    finished = await chargetape(['replay', fleet!, ...options, '--out', run!, '--json', '--no-diff']);
    logs = csms.judgement();
    await csms.close();
  });
  afterAll(() => clean());

  it('has meters that go on, and meters that begin anew', () => {
    const makes = sessions.map(({ profile }) => readProfile(profile).power.meter);
    expect(new Set(makes)).toEqual(new Set(['lifetime', 'session']));
  });

  it('plays each session so many times, each lap whole', () => {
    expect(finished.code, finished.stderr).toBe(0);
    expect(JSON.parse(finished.stdout)).toMatchObject({
      sessions: sessions.length * LAPS,
      complete: sessions.length * LAPS,
    });
    for (const { connections } of logs) expect(connections).toHaveLength(LAPS);
  });

  it.each(sessions.map(({ profile, text }) => ({ profile, identity: identityOf(text) })))(
    'lets meters and times of $profile go on, with new message ids',
    ({ profile, identity }) => {
      const log = logs.find((one) => one.identity === identity)!;
      const registers = registersOf(log);
      const once = registers.slice(0, registers.length / LAPS);
      expect(once.length).toBeGreaterThan(2);
      if (fallsOf(once) === 0 && readProfile(profile).power.meter === 'lifetime') {
        expect(fallsOf(registers)).toBe(0);
        expect(registers.at(-1)).toBeGreaterThan(once.at(-1)!);
      } else {
        expect(registers).toEqual(Array.from({ length: LAPS }, () => once).flat());
      }
      const times = log.calls.flatMap(({ payload }) => parseTime(String(payload.timestamp))?.epochMs ?? []);
      expect(times.length).toBeGreaterThan(LAPS * 2);
      expect(fallsOf(times)).toBe(0);
      expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
      const ids = log.calls.map(({ messageId }) => messageId);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});
