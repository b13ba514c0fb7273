import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { faultsOf, type ReplayedSession, replayedSessions } from '../support/capture-judgement.ts';
import type { ChargerLog } from '../support/csms-judge.ts';
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

/** What a CSMS saw of the captures, and how the replay says that it went. */
interface Played {
  live: ChargerLog[];
  receptions: Map<string, Reception>;
  outcomes: ReplayedSession[];
}

const played = new Map<string, Played>();

/** Replays all captures in one run against a peer, with the judge between the two. */
async function play(name: string, startPeer: () => Promise<Peer>): Promise<void> {
  const peer = await startPeer();
  const relay = await startJudgingRelay(peer.url);
  const run = join(work, `${name.replaceAll(' ', '-')}.db`);
  const { code, stderr, stdout } = await chargetape([
    ...['replay', recording, '--target', relay.url, '--out', run, '--speed', 'max'],
    ...['--wait', '5', '--no-diff', '--no-cleanup', '--json'],
  ]);
  const live = relay.judgement();
  await relay.close();
  await peer.close();
  expect(code, stderr).toBe(JSON.parse(stdout).incomplete.length > 0 ? 3 : 0);
  played.set(name, { live, receptions: relay.receptions, outcomes: replayedSessions(run) });
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
  expect(files.length).toBeGreaterThanOrEqual(28 + 21);
});

describe.each(Object.keys(PEERS))('every capture against a CSMS on %s', (name) => {
  it.each(captured.map((log) => [log.session, log] as const))('%s', (session, before) => {
    const { live = [], outcomes = [], receptions } = played.get(name) ?? {};
    const log = live.find((one) => one.session === session);
    const outcome = outcomes.find((one) => one.session === session);
    const reception = receptions?.get(session);
    if (!log || !outcome || !reception) throw new Error(`${session} was not replayed`);
    expect(faultsOf(outcome, { log, reception }, before)).toEqual([]);
  });
});
