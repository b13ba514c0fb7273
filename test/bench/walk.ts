// How chargers conform on a long walk: every make in the real binary against ocpp-rpc in strict mode.
//   npm run bench:walk [-- STEPS SEED]     STEPS of all chargers together, 10,000
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { certificateAuthority } from '../support/certificate-authority.ts';
import { walkAll } from '../support/conformance-walk.ts';
import { startStrictCsms } from '../support/strict-csms.ts';

const [steps = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const names = profileNames();
const folder = mkdtempSync(join(tmpdir(), 'walk-'));
const authority = await certificateAuthority('Operator');
const csms = await startStrictCsms(authority);
const begin = performance.now();
const each = Math.ceil(steps / names.length);
const walked = await walkAll(names, csms, authority, { steps: each, seed, out: join(folder, 'walk.db') });
const seconds = (performance.now() - begin) / 1000;
await csms.close();
rmSync(folder, { recursive: true });

let faults = 0;
const total = { steps: 0, calls: 0, transactions: 0, certificates: 0 };
for (const one of walked) {
  for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += one[name];
  const declared = readProfile(one.profile).deviations.map(({ action, path }) => `${action} ${path}`);
  const undeclared = one.broken.filter((place) => !declared.includes(place));
  const wrong = [...undeclared, ...one.illegal, ...one.unanswered];
  faults += wrong.length;
  console.log(
    `${one.profile}: ${one.calls} calls, ${wrong.length === 0 ? 'nothing wrong' : wrong.join('; ')}`,
  );
}
console.log(JSON.stringify({ ...total, faults, seconds: Math.round(seconds) }));
process.exit(faults === 0 ? 0 : 1);
