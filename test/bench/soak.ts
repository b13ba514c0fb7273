// Keeps a recorder under steady load and prints whether it stays as it was: heap, file descriptors, event loop delay, frames lost.
// node test/bench/soak.ts [MINUTES 10] [CONNECTIONS 2000] [CALLS_A_SECOND 2000]; each minute 5 % of the chargers reconnect.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WebSocket, WebSocketServer } from 'ws';
import { startRecorder } from '../support/binary.ts';

const [minutes = 10, connections = 2_000, callsASecond = 2_000] = process.argv.slice(2).map(Number);
const TICK_MS = 10;
const folder = mkdtempSync(join(tmpdir(), 'chargetape-soak-'));
const counts = { calls: 0, answers: 0, reconnects: 0 };

const csms = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
csms.on('connection', (socket) => {
  socket.on('message', (data) => {
    counts.calls++;
    socket.send(`[3,"${JSON.parse(String(data))[1]}",{}]`);
  });
});
await once(csms, 'listening');
const health = join(folder, 'health.jsonl');
const preload = new URL('./process-health.mjs', import.meta.url).pathname;
const env = { NODE_OPTIONS: `--import ${preload}`, HEALTH_FILE: health };
const upstream = `ws://127.0.0.1:${(csms.address() as AddressInfo).port}`;
const recorder = await startRecorder(upstream, join(folder, 'soak.db'), { env });

/** A charger that counts its answers, once it is connected. */
async function connect(index: number): Promise<WebSocket> {
  const socket = new WebSocket(`${recorder.url}/CP${index}`, 'ocpp1.6', { perMessageDeflate: false });
  socket.on('message', () => counts.answers++);
  await once(socket, 'open');
  return socket;
}

/** Takes one charger's place with a new connection; its close frames are messages of no kind and not counted. */
async function reconnect(index: number): Promise<void> {
  chargers[index]?.close();
  chargers[index] = await connect(index);
  counts.reconnects++;
}

const chargers: WebSocket[] = [];
for (let index = 0; index < connections; index++) chargers.push(await connect(index));
const startMs = performance.now();
let sent = 0;
let turnedOver = 0;
await new Promise<void>((done) => {
  const ticking = setInterval(() => {
    const elapsedS = (performance.now() - startMs) / 1000;
    for (; sent < elapsedS * callsASecond; sent++) {
      const charger = chargers[sent % connections];
      if (charger?.readyState === WebSocket.OPEN) charger.send(`[2,"${sent}","Heartbeat",{}]`);
    }
    const due = (elapsedS / 60) * connections * 0.05;
    for (; turnedOver < due; turnedOver++) void reconnect((turnedOver * 7) % connections);
    if (elapsedS < minutes * 60) return;
    clearInterval(ticking);
    done();
  }, TICK_MS);
});
const gone = chargers.map((charger) => once(charger, 'close'));
for (const charger of chargers) charger.close();
await Promise.all(gone);
const { code } = await recorder.stop();
csms.close();

const database = new Database(recorder.file, { readonly: true });
const count = (sql: string) => database.prepare(sql).pluck().get();
const called = count("SELECT count(*) FROM frame WHERE message_type = 'call'");
const answered = count("SELECT count(*) FROM frame WHERE message_type = 'callResult'");
const gaps = count('SELECT count(*) FROM gap');
database.close();
for (const line of readFileSync(health, 'utf8').trim().split('\n')) console.log(line);
console.log(
  `recorder ended with ${code}; CSMS received ${counts.calls} calls, ${called} on record; chargers received ` +
    `${counts.answers} answers, ${answered} on record; ${gaps} gaps, ${counts.reconnects} reconnects`,
);
rmSync(folder, { recursive: true });
if (code !== 0 || Number(called) < counts.calls || Number(answered) < counts.answers) process.exitCode = 1;
