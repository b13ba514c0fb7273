// Kills a recorder -9 in the middle of load at random moments, 20 times (or as often as the first argument says).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRound } from '../support/kill-round.ts';

const rounds = Number(process.argv[2] ?? 20);
let counted = 0;
let missing = 0;
for (let attempt = 0; counted < rounds && attempt < rounds * 3; attempt++) {
  const folder = mkdtempSync(join(tmpdir(), 'chargetape-kill-'));
  const answersBeforeKill = 500 + Math.floor(Math.random() * 20_000);
  const round = await killRound(folder, { connections: 200, outstanding: 20, answersBeforeKill });
  rmSync(folder, { recursive: true });
  if (!round.expired) counted++;
  missing += round.missing.length;
  console.log(
    `round ${counted}${round.expired ? ' (a hold ran out: not counted)' : ''}: ${round.received} frames received, ` +
      `${round.missing.length} missing, integrity ${String(round.integrity)}`,
  );
  if (round.integrity !== 'ok' || (!round.expired && round.missing.length > 0)) process.exitCode = 1;
}
console.log(`${counted} rounds counted, ${missing} frames missing`);
