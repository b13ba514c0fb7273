// Lets a fleet lose all its connections at once, and then its power, against a CSMS that accepts so many a second; needs taskset.
// node test/bench/storm.ts [CHARGERS 5000] [ACCEPTED_A_SECOND 200] [SECONDS 240]; a profile for each redial model.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { readProfile } from '../../src/charge/profile-file.ts';
import type { ChargeReport } from '../../src/cli/charge-report.ts';
import { BINARY, shellEnvironment } from '../support/binary.ts';
import { startThrottledCsms } from '../support/throttled-csms.ts';

const [chargers = 5_000, rate = 200, seconds = 240] = process.argv.slice(2).map(Number);
const PROFILES = ['tritium-rt50', 'evbox-elvi', 'wallbox-copper-sb', 'abb-terra-dc'];
/** What was said so shortly before the end may be without an answer, µs. */
const LAST_US = 10e6;
/** A redial may be so much later than its model says, s: timers, and the end of a connection seen late. */
const SLACK_S = 2;

/** When a black-out is over, s after it began; a connection that the lack of power ends is seen to end up to a second later. */
const POWER_BACK_S = [29, 35] as const;

/** Vendors whose meters do not begin anew with each transaction. */
const LASTING = PROFILES.map(readProfile)
  .filter(({ power }) => power.meter === 'lifetime')
  .map(({ boot }) => boot.chargePointVendor);

const folder = mkdtempSync(join(tmpdir(), 'chargetape-storm-'));
let holds = true;
for (const scenario of ['reconnect-storm', 'blackout']) await storm(scenario);
rmSync(folder, { recursive: true });
if (!holds) process.exitCode = 1;

async function storm(scenario: string): Promise<void> {
  const csms = await startThrottledCsms(rate, [5, 25], 1);
  const run = join(folder, `${scenario}.db`);
  const report = await fleet(scenario, csms.url, run);
  const seen = await csms.end();

  console.log(`\n${scenario}: ${report.chargers} chargers, ${rate} accepted a second, ${seconds} s`);
  console.log(`  the CSMS: ${JSON.stringify(seen)}`);
  console.log(`  the report: ${JSON.stringify({ ...report.connections, generator: report.generator })}`);
  tell('all are back at the end', report.online === chargers, `${report.online} online`);
  const { accepted, refused } = seen;
  const told = report.connections.refused['503'] ?? 0;
  tell("the CSMS's refusals are told as such", told === refused && refused > 0, `${told} of ${refused}`);
  tell('every connection that it accepted was opened', report.connections.opened === accepted, `${accepted}`);
  tell(
    'the generator was not the limit',
    !report.generator.isBound,
    `${report.generator.lateP99Ms.toFixed(1)} ms`,
  );
  judgeRun(run, scenario);
}

/** The life of a fleet on core 0. */
async function fleet(scenario: string, url: string, run: string): Promise<ChargeReport> {
  const args = ['charge', '--target', url, '--out', run, '--json'];
  const profiles = PROFILES.flatMap((name) => ['--profile', name]);
  const people = ['--pause', '2m', '--stay', '30s'];
  const size = [
    '--count',
    String(chargers),
    '--arrival-rate',
    String(rate * 0.9),
    '--duration',
    `${seconds}s`,
  ];
  const child = spawn(
    'taskset',
    ['-c', '0', BINARY, ...args, ...profiles, ...size, ...people, '--scenario', scenario],
    {
      env: shellEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return (await json(child.stdout)) as ChargeReport;
}

/** What the run itself says: whether calls of transactions or transactions themselves were lost, and how each make came back. */
function judgeRun(run: string, scenario: string): void {
  const file = new Database(run, { readonly: true });
  const endUs = file.prepare('SELECT max(at_us) FROM frame').pluck().get() as number;
  const calls = file
    .prepare(
      `SELECT c.session, f.action, cast(f.payload AS text) AS text, f.at_us AS atUs, a.id IS NOT NULL AS answered
        FROM frame f JOIN connection c ON c.id = f.connection LEFT JOIN frame a ON a.answers = f.id
        WHERE f.sender = 'charger' AND f.message_type = 'call' AND f.action IN ('StartTransaction', 'StopTransaction') ORDER BY f.id`,
    )
    .all() as { session: number; action: string; text: string; atUs: number; answered: number }[];
  const said = new Map<string, boolean>();
  for (const { session, action, text, atUs, answered } of calls) {
    const { timestamp, connectorId, transactionId } = JSON.parse(text)[3];
    const key = [session, action, timestamp, connectorId, transactionId].join(' ');
    said.set(key, (said.get(key) ?? false) || answered === 1 || atUs > endUs - LAST_US);
  }
  const lost = [...said.values()].filter((isAnswered) => !isAnswered).length;
  tell('no call of a transaction is lost', lost === 0 && said.size > 0, `${lost} of ${said.size}`);
  const { transactions, gaps } = registers(file);
  tell('no transaction is missing between two others', gaps === 0, `${gaps} of ${transactions}`);
  for (const name of PROFILES) {
    const { delays, jitter } = readProfile(name).redial;
    tellRedials(file, name, scenario === 'blackout' ? POWER_BACK_S : [delays[0]!, delays[0]! + jitter]);
  }
  file.close();
}

/** A meter goes on where the transaction before it ended, or one in between was never told. */
function registers(file: Database.Database): { transactions: number; gaps: number } {
  const rows = file
    .prepare(
      `SELECT c.session, f.action, cast(f.payload AS text) AS text, cast(a.payload AS text) AS answer
        FROM frame f JOIN connection c ON c.id = f.connection JOIN session s ON s.id = c.session JOIN frame a ON a.answers = f.id
        WHERE s.vendor IN (SELECT value FROM json_each(?)) AND f.sender = 'charger' AND f.action IN ('StartTransaction', 'StopTransaction') ORDER BY f.id`,
    )
    .all(JSON.stringify(LASTING)) as { session: number; action: string; text: string; answer: string }[];
  const connectors = new Map<number, string>();
  const ended = new Map<string, number>();
  const counts = { transactions: 0, gaps: 0 };
  for (const { session, action, text, answer } of rows) {
    const call = JSON.parse(text)[3];
    if (action === 'StopTransaction') {
      const place = connectors.get(call.transactionId);
      if (place !== undefined) ended.set(place, call.meterStop);
      continue;
    }
    const place = `${session}/${call.connectorId}`;
    connectors.set(JSON.parse(answer)[2].transactionId, place);
    counts.transactions++;
    if (ended.has(place) && ended.get(place) !== call.meterStart) counts.gaps++;
  }
  return counts;
}

/** The pauses between the loss of a connection and the first attempt to come back, beside what they should be, s. */
function tellRedials(file: Database.Database, profile: string, [from, to]: readonly [number, number]): void {
  const { boot } = readProfile(profile);
  const pauses = file
    .prepare(
      `SELECT (next.opened_at_us - lost.closed_at_us) / 1e6 AS pause FROM connection lost
        JOIN session s ON s.id = lost.session
        JOIN connection next ON next.id = (SELECT min(id) FROM connection WHERE session = lost.session AND id > lost.id)
        WHERE lost.status = 101 AND s.vendor = ? AND s.model = ? ORDER BY pause`,
    )
    .pluck()
    .all(boot.chargePointVendor, boot.chargePointModel) as number[];
  const at = (share: number) =>
    pauses[Math.min(pauses.length - 1, Math.floor(pauses.length * share))] ?? Number.NaN;
  const isAsModelled = pauses.length > 0 && at(0) >= from - 0.1 && at(0.99) <= to + SLACK_S;
  tell(
    `${profile} comes back after ${from} to ${to} s`,
    isAsModelled,
    `${pauses.length} times, ${at(0).toFixed(1)} to ${at(0.99).toFixed(1)} s`,
  );
}

function tell(what: string, isTrue: boolean, figure: string): void {
  holds &&= isTrue;
  console.log(`  ${isTrue ? 'holds' : 'FAILS'}: ${what} (${figure})`);
}
