// Lets replayed chargers lose all their connections at once, and then their power, against a CSMS that accepts so many a second; needs taskset.
// node test/bench/replay-storm.ts [CHARGERS 5000] [ACCEPTED_A_SECOND 200] [SPEED 4]; clones of one session of each of four makes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { LoadReport } from '../../src/load/report.ts';
import { BINARY, chargetape, shellEnvironment } from '../support/binary.ts';
import { startThrottledCsms } from '../support/throttled-csms.ts';

const [chargers = 5_000, rate = 200, speed = 4] = process.argv.slice(2).map(Number);
const SESSIONS = ['tritium-rt50', 'evbox-elvi', 'wallbox-copper-sb', 'abb-terra-dc'].map((make) =>
  join(import.meta.dirname, '../../fixtures/sessions', make, 'full-transaction.jsonl'),
);
const clones = Math.ceil(chargers / SESSIONS.length);

const folder = mkdtempSync(join(tmpdir(), 'chargetape-replay-storm-'));
const recording = join(folder, 'fleet.db');
await chargetape(['import', ...SESSIONS, '--out', recording]);
const calls = clones * callsOf(recording);
let holds = true;
for (const scenario of ['reconnect-storm', 'blackout']) await storm(scenario);
rmSync(folder, { recursive: true });
if (!holds) process.exitCode = 1;

async function storm(scenario: string): Promise<void> {
  const csms = await startThrottledCsms(rate, [5, 25], 1);
  const report = join(folder, `${scenario}.json`);
  const load = ['--clones', String(clones), '--arrival-rate', String(rate * 0.9), '--speed', String(speed)];
  const args = ['replay', recording, '--target', csms.url, '--out', join(folder, `${scenario}.db`), ...load];
  const flags = ['--scenario', scenario, '--wait', '120', '--no-diff', '--json', '--load-report', report];
  const { stdout } = spawnSync('taskset', ['-c', '0', BINARY, ...args, ...flags], {
    env: shellEnvironment(),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seen = await csms.end();
  const summary = JSON.parse(stdout);
  const { connections, generator, answered }: LoadReport = JSON.parse(readFileSync(report, 'utf8'));

  console.log(
    `\n${scenario}: ${summary.sessions} replayed chargers, ${rate} accepted a second, speed ${speed}`,
  );
  console.log(`  the CSMS: ${JSON.stringify(seen)}`);
  console.log(`  the report: ${JSON.stringify({ ...connections, generator })}`);
  const { faults, sessions } = summary;
  // A few may be without a connection at that moment: the CSMS has refused them.
  tell('nearly all were cut off', faults <= sessions && faults > 0.99 * sessions, String(faults));
  tell('each of them dialled once more', connections.opened === sessions + faults, `${connections.opened}`);
  tell(
    'all came back and ended as recorded',
    summary.complete === summary.sessions,
    String(summary.complete),
  );
  tell(
    'every recorded call was answered',
    answered === calls && summary.notSent === 0,
    `${answered} of ${calls}`,
  );
  const told = connections.refused['503'] ?? 0;
  tell(
    "the CSMS's refusals are told as such",
    told === seen.refused && told > 0,
    `${told} of ${seen.refused}`,
  );
  tell(
    'every connection that it accepted was opened',
    connections.opened === seen.accepted,
    `${seen.accepted}`,
  );
}

function callsOf(file: string): number {
  const recorded = new Database(file, { readonly: true });
  const count = recorded
    .prepare(`SELECT count(*) FROM frame WHERE sender = 'charger' AND message_type = 'call'`)
    .pluck()
    .get() as number;
  recorded.close();
  return count;
}

function tell(what: string, isTrue: boolean, figure: string): void {
  holds &&= isTrue;
  console.log(`  ${isTrue ? 'holds' : 'FAILS'}: ${what} (${figure})`);
}
