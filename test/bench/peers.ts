// Replays every capture against node-red-contrib-ocpp's own example flow, which is too big for a development dependency.
// node test/bench/peers.ts [FOLDER]; the packages are installed into FOLDER, or into a temporary one.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chargetape } from '../support/binary.ts';
import { faultsOf, replayedSessions } from '../support/capture-judgement.ts';
import { writeHostileCaptures } from '../support/hostile-captures.ts';
import { judgedCaptures } from '../support/judged-capture.ts';
import { startJudgingRelay } from '../support/judging-relay.ts';
import { startNodeRed } from '../support/node-red-csms.ts';

const work = mkdtempSync(join(tmpdir(), 'chargetape-peers-'));
const csms = await startNodeRed(process.argv[2] ?? join(work, 'node-red'));
try {
  process.exitCode = await replayAll(new URL(csms.url).origin);
} finally {
  await csms.close();
  rmSync(work, { recursive: true, force: true });
}

/** Replays all captures and prints how each session went; gives the exit code. */
async function replayAll(url: string): Promise<number> {
  const fixtures = resolve(import.meta.dirname, '../../fixtures/captures');
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.jsonl'));
  const files = names.map((name) => join(fixtures, name.replace('.jsonl', '')));
  files.push(...writeHostileCaptures(work));
  const [recording, run] = [join(work, 'captures.db'), join(work, 'run.db')];
  await chargetape(['import', ...files.map((file) => `${file}.jsonl`), '--out', recording]);
  const relay = await startJudgingRelay(url);
  const { stderr, code } = await chargetape([
    ...['replay', recording, '--target', `${relay.url}/ocpp`, '--out', run, '--speed', 'max', '--wait', '3'],
    ...['--no-diff', '--no-cleanup', '--json'],
  ]);
  const live = relay.judgement();
  await relay.close();
  const sessions = replayedSessions(run);
  let faulty = 0;
  for (const before of judgedCaptures(files)) {
    const replayed = sessions.find(({ session }) => session === before.session);
    const log = live.find(({ identity }) => identity === before.identity);
    const reception = log && relay.receptions.get(log.session);
    const faults =
      replayed && log && reception ? faultsOf(replayed, { log, reception }, before) : ['was not replayed'];
    if (faults.length > 0) faulty++;
    const how = replayed?.isComplete ? 'complete' : `incomplete: ${replayed?.reason}`;
    console.log(
      `${before.session}: ${log?.calls.length ?? 0} calls, ${how}${faults.map((one) => `\n  ${one}`).join('')}`,
    );
  }
  console.log(`${sessions.length} sessions, exit code ${code}, ${faulty} with faults${stderr}`);
  return faulty === 0 ? 0 : 1;
}
