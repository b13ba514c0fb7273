// npm run bench:aa [-- PEER...]: each capture replayed against an independent CSMS, then that run again against the same one (A/A). Nothing may differ
// but what three further runs of it explain as noise.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Comparison } from '../../src/diff/finding.ts';
import { chargetape, type Finished } from '../support/binary.ts';
import { startNodeRed } from '../support/node-red-csms.ts';
import { PEERS } from '../support/peers.ts';
import { recordedOutstanding } from '../support/recorded-outstanding.ts';

/** Captures replayed at once. */
const LANES = 4;

/**
 * A CSMS that keeps one `msg` for each connection (ocpp-server.js, `ws.on('message')`): a call that comes before the flow has answered the one before
 * is answered twice, or with the other one's payload, and the first never. Its findings in captures with such calls are that.
 */
const MIXES_UP = 'node-red';
const NOISE_RUNS = 3;
const PACE = ['--speed', 'max', '--wait', '3', '--no-cleanup'];

const captures = resolve(import.meta.dirname, '../../fixtures/captures');
const names = readdirSync(captures)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.replace('.jsonl', ''));
const work = mkdtempSync(join(tmpdir(), 'chargetape-aa-'));

/** What came of one capture: findings that noise does not explain and those that it does, and what was compared. */
interface Outcome {
  name: string;
  compared: number;
  findings: string[];
  noise: string[];
  /** Findings that come of calls which a CSMS mixes up when several are outstanding. */
  mixedUp: string[];
  /** Why the replays say nothing, such as a session that a replay cannot finish. */
  incomplete: string[];
}

function captureOf(name: string): string {
  return join(work, `${name}.db`);
}

/** The captures of each charger; one charger is not played twice at once, since some CSMSs end its connection when it comes again. */
async function byCharger(): Promise<Map<string, string[]>> {
  const identities = new Map<string, string>();
  for (const name of names) {
    await chargetape(['import', join(captures, `${name}.jsonl`), '--out', captureOf(name)]);
    const file = new Database(captureOf(name), { readonly: true });
    const identity = file.prepare<[], string>('SELECT identity FROM session').pluck().get();
    file.close();
    identities.set(name, identity ?? name);
  }
  return Map.groupBy(names, (name) => identities.get(name) ?? name);
}

async function replay(url: string, recording: string, out: string, ...more: string[]): Promise<Finished> {
  return chargetape(['replay', recording, '--target', url, '--out', out, ...PACE, ...more]);
}

async function judge(url: string, peer: string, name: string): Promise<Outcome> {
  const at = (part: string): string => join(work, `${peer}-${name}-${part}.db`);
  await replay(url, captureOf(name), at('first'), '--no-diff');
  const { stdout, stderr } = await replay(url, at('first'), at('second'), '--json');
  let comparison = told(stdout, stderr);
  if (comparison.findings.length > 0) {
    const runs = Array.from({ length: NOISE_RUNS }, (_, nth) => at(`noise-${nth}`));
    for (const run of runs) await replay(url, at('first'), run, '--no-diff');
    const flags = runs.flatMap((run) => ['--noise', run]);
    const again = await chargetape(['diff', at('first'), at('second'), '--json', ...flags]);
    comparison = told(again.stdout, again.stderr);
  }
  const of = (status: string) =>
    comparison.findings.filter((one) => one.status === status).map(({ message }) => message);
  const isMixedUp = peer === MIXES_UP && recordedOutstanding(captureOf(name)) > 1;
  return {
    name,
    compared: comparison.summary.exchangesCompared,
    findings: isMixedUp ? [] : of('new'),
    mixedUp: isMixedUp ? of('new') : [],
    noise: of('noise'),
    incomplete: comparison.summary.incompleteSessions.map(({ reason }) => reason),
  };
}

function told(stdout: string, stderr: string): Comparison {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Comparison;
}

/** All captures against one CSMS, a few at a time. */
async function judgeAll(peer: string): Promise<Outcome[]> {
  const csms = await (peer === MIXES_UP
    ? startNodeRed(process.env.NODE_RED ?? join(work, peer))
    : PEERS[peer]!());
  const waiting = [...chargers.values()];
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    for (let own = waiting.shift(); own !== undefined; own = waiting.shift())
      for (const name of own) outcomes.push(await judge(csms.url, peer, name));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await csms.close();
  return outcomes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const chargers = await byCharger();
let unexplained = 0;
try {
  const asked = process.argv.slice(2);
  for (const peer of asked.length > 0 ? asked : Object.keys(PEERS)) {
    const outcomes = await judgeAll(peer);
    const exchanges = outcomes.reduce((sum, { compared }) => sum + compared, 0);
    const count = (part: (one: Outcome) => string[]) =>
      outcomes.reduce((sum, one) => sum + part(one).length, 0);
    const found = count(({ findings }) => findings);
    unexplained += found;
    console.log(
      `${peer}: ${outcomes.length} captures, ${exchanges} exchanges twice: ${found} findings, ${count(({ noise }) => noise)} noise, ${count(({ mixedUp }) => mixedUp)} of calls mixed up, ${count(({ incomplete }) => incomplete)} sessions incomplete`,
    );
    for (const { name, findings, noise, mixedUp, incomplete } of outcomes) {
      for (const one of findings) console.log(`  ${name}: ${one}`);
      for (const one of noise) console.log(`  ${name}: noise: ${one}`);
      for (const one of mixedUp) console.log(`  ${name}: mixed up: ${one}`);
      for (const one of incomplete) console.log(`  ${name}: incomplete: ${one}`);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = unexplained === 0 ? 0 : 1;
