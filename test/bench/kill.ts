// Kills a recorder -9 in the middle of load at random moments, and looks for what the far ends received but the file lacks.
// node test/bench/kill.ts [ROUNDS 20] [--tls] [--connections 200] [--rotate-size SIZE]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killRound } from '../support/kill-round.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    tls: { type: 'boolean', default: false },
    connections: { type: 'string', default: '200' },
    'rotate-size': { type: 'string' },
  },
});
/** Slow commits are no reason to go on without recording. A fleet that comes at once is not taken for one either, by default. */
const PATIENT = ['--max-hold', '10000', '--max-commit-delay', '0'];
const size = values['rotate-size'];
const rotation = size === undefined ? [] : ['--rotate-size', size];
const rounds = Number(positionals[0] ?? 20);
const connections = Number(values.connections);
const outstanding = Math.max(1, Math.round(4_000 / connections));
let counted = 0;
let missing = 0;
for (let attempt = 0; counted < rounds && attempt < rounds * 3; attempt++) {
  const folder = mkdtempSync(join(tmpdir(), 'chargetape-kill-'));
  const answersBeforeKill = connections + 500 + Math.floor(Math.random() * 20_000);
  const round = await killRound(folder, {
    ...{ connections, outstanding, answersBeforeKill },
    ...{ secured: values.tls, args: [...PATIENT, ...rotation] },
  });
  rmSync(folder, { recursive: true });
  if (!round.expired) counted++;
  missing += round.missing.length;
  console.log(
    `round ${counted}${round.expired ? ' (a hold ran out, or recording was off: not counted)' : ''}: ${round.received} frames received, ` +
      `${round.missing.length} missing, ${round.parts} parts, integrity ${String(round.integrity)}`,
  );
  if (round.integrity !== 'ok' || (!round.expired && round.missing.length > 0)) process.exitCode = 1;
}
console.log(`${counted} rounds counted, ${missing} frames missing`);
