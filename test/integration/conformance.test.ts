import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { certificateAuthority } from '../support/certificate-authority.ts';
import { COMMANDS } from '../support/charger-walk.ts';
import { type Walked, walkAll } from '../support/conformance-walk.ts';
import { startStrictCsms } from '../support/strict-csms.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Steps of each charger; `npm run bench:walk` goes further. */
const STEPS = 30;

describe('a walk of every make against ocpp-rpc in strict mode, through the real binary', () => {
  const names = profileNames();
  let walked: Walked[] = [];
  let again: Walked[] = [];
  let clean = () => {};
  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    const authority = await certificateAuthority('Operator');
    const walk = async (steps: number, name: string) => {
      const csms = await startStrictCsms(authority);
      const out = join(folder, name);
      const all = await walkAll(names, csms, authority, { steps, seed: 1, out });
      await csms.close();
      return all;
    };
    [walked, again] = await Promise.all([walk(STEPS, 'walk.db'), walk(0, 'again.db')]);
  }, 180_000);
  afterAll(() => clean());

  it.each(names)('%s breaks the schemas only where its profile says so', (name) => {
    const declared = readProfile(name).deviations.map(({ action, path }) => `${action} ${path}`);
    const { broken } = walked.find(({ profile }) => profile === name)!;
    expect(broken.filter((place) => !declared.includes(place))).toEqual([]);
  });

  it.each(names)('%s takes legal steps only, and charges', (name) => {
    const { illegal, transactions } = walked.find(({ profile }) => profile === name)!;
    expect(illegal).toEqual([]);
    expect(transactions).toBeGreaterThan(0);
  });

  it.each(names)(
    '%s answers every command validly, with CALLERROR only where its profile says so',
    (name) => {
      const { unanswered, obeyed, refused, certificates } = walked.find(({ profile }) => profile === name)!;
      const own = readProfile(name).answers.filter(({ error }) => error !== undefined);
      expect(unanswered).toEqual([]);
      expect([...new Set([...obeyed, ...refused])].sort()).toEqual(Object.keys(COMMANDS).sort());
      expect([...refused].filter((action) => !own.some((answer) => answer.action === action))).toEqual([]);
      expect(certificates).toBeGreaterThan(0);
    },
  );

  it.each(names)(
    '%s writes the same for the same seed, byte for byte but for times and what a meter counts',
    (name) => {
      const texts = [walked, again].map((all) => all.find(({ profile }) => profile === name)!.visited);
      expect(texts[0]!.map(timeless)).toEqual(texts[1]!.map(timeless));
      expect(texts[0]!.join('\n')).toContain('StopTransaction');
    },
  );
});

/** A text without what the CSMS drew (ids of its commands) or follows from the clock: times, ids that count seconds, energy. */
function timeless(text: string): string {
  return text
    .replace(/^(\[\s*[34]\s*,\s*)"[^"]*"/, '$1DRAWN')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+/g, 'TIME')
    .replace(/[\da-f]{8}(?=-df1\d-)/g, 'SECONDS')
    .replace(/(?<="(?:meterStart|meterStop|value)": ?"?)[\d.]+/g, 'ENERGY');
}
