import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import type { ChargerLog, Violation } from '../support/csms-judge.ts';
import { writeHostileCaptures } from '../support/hostile-captures.ts';
import { judgedCaptures } from '../support/judged-capture.ts';
import { type Reception, startJudgingRelay } from '../support/judging-relay.ts';
import { PEERS, type Peer } from '../support/peers.ts';

const work = mkdtempSync(join(tmpdir(), 'chargetape-captures-'));
const folder = resolve(import.meta.dirname, '../../fixtures/captures');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => join(folder, name.replace('.jsonl', '')));
files.push(...writeHostileCaptures(work));
const captured = judgedCaptures(files);
const recording = join(work, 'captures.db');

/** How the replay of one session went, by the run. */
interface Outcome {
  session: string;
  complete: number;
  reason: string | null;
  not_sent: number;
}

/** What the CSMS holds against a charger, as far as a faithful charger may not do it: the captured one's own faults aside. */
function newViolations(live: ChargerLog, before: ChargerLog): Violation[] {
  const key = ({ kind, messageId }: Violation) => `${kind} ${messageId}`;
  const known = new Set(before.violations.map(key));
  return live.violations.filter((violation) => !known.has(key(violation)));
}

/** Whether a reason of an incomplete session is what the CSMS saw as well. */
function isTrue(reason: string, log: ChargerLog, { refused, endedByCsms }: Reception): boolean {
  const [, action] = /did not (?:answer|send) (\w+)/.exec(reason) ?? [];
  const status = /answered the handshake with (\d+)/.exec(reason)?.[1];
  if (reason.includes('did not answer'))
    return log.calls.some((call) => call.action === action && !call.answer);
  if (reason.includes('did not send')) return !log.commands.some((command) => command.action === action);
  if (status !== undefined) return refused.includes(Number(status));
  if (reason.includes('again and again')) return endedByCsms >= 4;
  if (reason.includes('stopped answering')) return log.calls.slice(-3).every(({ answer }) => answer === null);
  return false;
}

/** What a CSMS saw of the captures, and how the replay says that it went. */
interface Played {
  live: ChargerLog[];
  receptions: Map<string, Reception>;
  outcomes: Outcome[];
}

const played = new Map<string, Played>();

/** Replays all captures in one run against a peer, with the judge between the two. */
async function play(name: string, startPeer: () => Promise<Peer>): Promise<void> {
  const peer = await startPeer();
  const relay = await startJudgingRelay(peer.url);
  const run = join(work, `${name.replaceAll(' ', '-')}.db`);
  const { code, stderr, stdout } = await chargetape([
    ...['replay', recording, '--target', relay.url, '--out', run, '--speed', 'max'],
    ...['--wait', '2', '--no-diff', '--no-cleanup', '--json'],
  ]);
  const live = relay.judgement();
  await relay.close();
  await peer.close();
  expect(code, stderr).toBe(JSON.parse(stdout).incomplete.length > 0 ? 3 : 0);
  played.set(name, { live, receptions: relay.receptions, outcomes: outcomesOf(run) });
}

function outcomesOf(run: string): Outcome[] {
  const database = new Database(run, { readonly: true });
  const sql = `SELECT endpoint || '/' || identity AS session, complete, reason, not_sent
    FROM outcome JOIN session ON session.id = outcome.session`;
  const outcomes = database.prepare(sql).all() as Outcome[];
  database.close();
  return outcomes;
}

beforeAll(async () => {
  const { code, stderr } = await chargetape([
    'import',
    ...files.map((file) => `${file}.jsonl`),
    '--out',
    recording,
  ]);
  expect(code, stderr).toBe(0);
  await Promise.all(Object.entries(PEERS).map(([name, startPeer]) => play(name, startPeer)));
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

it('there are all captures', () => {
  expect(files.length).toBeGreaterThanOrEqual(28 + 11);
});

describe.each(Object.keys(PEERS))('every capture against a CSMS on %s', (name) => {
  it.each(captured.map((log) => [log.session, log] as const))('%s', (session, before) => {
    const { live = [], outcomes = [], receptions } = played.get(name) ?? {};
    const log = live.find((one) => one.session === session);
    const outcome = outcomes.find((one) => one.session === session);
    const reception = receptions?.get(session);
    if (!log || !outcome || !reception) throw new Error(`${session} was not replayed`);
    expect(newViolations(log, before)).toEqual([]);
    const unanswered = log.calls.filter(({ answer }) => answer === null).length;
    expect(log.maxOutstanding - unanswered).toBeLessThanOrEqual(before.maxOutstanding);
    if (outcome.complete) {
      expect(log.calls.length + outcome.not_sent).toBeGreaterThanOrEqual(before.calls.length);
    } else {
      const sentences = outcome.reason?.match(/[^.]+\./g) ?? [];
      expect(sentences.length).toBeGreaterThan(0);
      expect(sentences.filter((one) => !isTrue(one, log, reception))).toEqual([]);
    }
  });
});
