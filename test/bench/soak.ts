// Keeps a recorder under steady load and prints whether it stays as it was: heap, file descriptors, event loop delay, frames lost.
// node test/bench/soak.ts [MINUTES 10] [CONNECTIONS 2000] [CALLS_A_SECOND 2000]; each minute 5 % of the chargers reconnect.
// A reader is attached all the time, which holds on to what it reads for a minute each time.
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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
/** The largest write-ahead log so far, and a reader of the part that was written when it was opened. */
let maxWalBytes = 0;
const reader: { held: Database.Database | null } = { held: null };
const watching = setInterval(() => {
  const wals = readdirSync(folder).filter((name) => name.endsWith('-wal'));
  for (const name of wals) {
    const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
    maxWalBytes = Math.max(maxWalBytes, size);
  }
}, 500);
const holding = setInterval(() => {
  reader.held?.close();
  reader.held = new Database(newestPart(), { readonly: true });
  reader.held.exec('BEGIN');
  reader.held.prepare('SELECT count(*) FROM connection').get();
}, 60_000);
holding.unref();

function newestPart(): string {
  const parts = readdirSync(folder).filter((name) => name.endsWith('.db'));
  const byAge = parts
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  return byAge.at(-1) ?? recorder.file;
}

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
clearInterval(watching);
reader.held?.close();
const gone = chargers.map((charger) => once(charger, 'close'));
for (const charger of chargers) charger.close();
await Promise.all(gone);
const { code } = await recorder.stop();
csms.close();

const parts = readdirSync(folder).filter((name) => name.endsWith('.db'));
const count = (sql: string) =>
  parts.reduce((sum, name) => {
    const database = new Database(join(folder, name), { readonly: true });
    const number = Number(database.prepare(sql).pluck().get());
    database.close();
    return sum + number;
  }, 0);
const called = count("SELECT count(*) FROM frame WHERE message_type = 'call'");
const answered = count("SELECT count(*) FROM frame WHERE message_type = 'callResult'");
const gaps = count('SELECT count(*) FROM gap');
const late = count('SELECT count(*) FROM frame WHERE flags & 2');
for (const line of readFileSync(health, 'utf8').trim().split('\n')) console.log(line);
console.log(
  `recorder ended with ${code}; CSMS received ${counts.calls} calls, ${called} on record; chargers received ` +
    `${counts.answers} answers, ${answered} on record; ${gaps} gaps, ${late} late rows, ${counts.reconnects} reconnects; ` +
    `${parts.length} parts, largest WAL ${(maxWalBytes / 2 ** 20).toFixed(1)} MB`,
);
rmSync(folder, { recursive: true });
if (code !== 0 || Number(called) < counts.calls || Number(answered) < counts.answers) process.exitCode = 1;
