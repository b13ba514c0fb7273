// Replays every capture against node-red-contrib-ocpp's own example flow, which is too big for a development dependency.
// node test/bench/peers.ts [FOLDER]; the packages are installed into FOLDER, or into a temporary one.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chargetape } from '../support/binary.ts';
import { faultsOf, replayedSessions } from '../support/capture-judgement.ts';
import { writeHostileCaptures } from '../support/hostile-captures.ts';
import { judgedCaptures } from '../support/judged-capture.ts';
import { startJudgingRelay } from '../support/judging-relay.ts';

const PACKAGES = ['node-red@4.1.15', 'node-red-contrib-ocpp@1.3.10'];
/** Nodes of the author's example that are no part of its central system. */
const OTHERS = new Set([
  'CP client JSON',
  'CS request JSON',
  'ocpp-remote-cs',
  'ocpp-remotej-cp',
  'inject',
  'debug',
]);

const work = mkdtempSync(join(tmpdir(), 'chargetape-peers-'));
const folder = process.argv[2] ?? work;
if (!existsSync(join(folder, 'node_modules'))) {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, ...PACKAGES], {
    stdio: 'inherit',
  });
}
const port = await freePort();
const flows = join(work, 'flows.json');
writeFileSync(flows, JSON.stringify(exampleFlow(port)));
writeFileSync(
  join(work, 'settings.js'),
  'module.exports = { httpAdminRoot: false, logging: { console: { level: "warn" } } };',
);
const red = spawn(
  process.execPath,
  [
    ...[
      join(folder, 'node_modules/node-red/red.js'),
      '--userDir',
      folder,
      '--port',
      String(await freePort()),
    ],
    ...['--settings', join(work, 'settings.js'), flows],
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
const gone = once(red, 'close');
try {
  await untilOpen(port);
  process.exitCode = await replayAll(`ws://127.0.0.1:${port}`);
} finally {
  red.kill();
  await gone;
  rmSync(work, { recursive: true, force: true });
}

/** The author's example1.json without its chargers, buttons and SOAP (whose routes make it refuse WebSockets), on this port. */
function exampleFlow(port: number): object[] {
  const file = join(folder, 'node_modules/node-red-contrib-ocpp/examples/example1.json');
  const nodes = JSON.parse(readFileSync(file, 'utf8')) as { type: string }[];
  return nodes
    .filter(({ type }) => !OTHERS.has(type))
    .map((node) =>
      node.type === 'CS server'
        ? { ...node, port: String(port), enabled15: false, enabled16: false, log: false, pathlog: '' }
        : node,
    );
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

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something listens there; gives up after a minute. */
async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await setTimeout(250);
  }
  throw new Error(`Node-RED does not listen on port ${port}`);
}
