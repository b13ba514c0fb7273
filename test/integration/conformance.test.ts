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
  let clean = () => {};
  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    const authority = await certificateAuthority('Operator');
    const csms = await startStrictCsms(authority);
    walked = await walkAll(names, csms, authority, { steps: STEPS, seed: 1, out: join(folder, 'walk.db') });
    await csms.close();
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
});
