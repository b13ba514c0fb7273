// Freezes the file system under a recorder for 30 s while chargers call, and prints what that cost them.
// node test/bench/faults.ts [SECONDS 30] [CHARGERS 200] [CALLS_A_SECOND 500]; needs root for a loop mount.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { accountOf } from '../support/account.ts';
import { startRecorder } from '../support/binary.ts';
import { makeDisk, NO_DISK } from '../support/disk.ts';

const [seconds = 30, connections = 200, callsASecond = 500] = process.argv.slice(2).map(Number);
if (NO_DISK !== null) throw new Error(NO_DISK);
const HOLD_MS = 250;
const TICK_MS = 2;
const folder = mkdtempSync(join(tmpdir(), 'chargetape-faults-'));
const disk = makeDisk(folder, 512);
const counts = { received: 0, answered: 0 };

const csms = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
csms.on('connection', (socket) => {
  socket.on('message', (data) => {
    counts.received++;
    socket.send(`[3,"${JSON.parse(String(data))[1]}",{}]`);
  });
});
await once(csms, 'listening');
const upstream = `ws://127.0.0.1:${(csms.address() as AddressInfo).port}`;
const recorder = await startRecorder(upstream, join(disk.folder, 'a.db'));

/** When calls were made, and how long each took, ms. */
const latencies: { atMs: number; tookMs: number }[] = [];
const sentAt = new Map<string, number>();
const chargers: WebSocket[] = [];
for (let index = 0; index < connections; index++) {
  const socket = new WebSocket(`${recorder.url}/CP${index}`, 'ocpp1.6', { perMessageDeflate: false });
  socket.on('message', (data) => {
    const id = JSON.parse(String(data))[1];
    const atMs = sentAt.get(id) ?? 0;
    sentAt.delete(id);
    latencies.push({ atMs, tookMs: performance.now() - atMs });
    counts.answered++;
  });
  await once(socket, 'open');
  chargers.push(socket);
}

const startMs = performance.now();
let sent = 0;
const ticking = setInterval(() => {
  for (; sent < ((performance.now() - startMs) / 1000) * callsASecond; sent++) {
    sentAt.set(String(sent), performance.now());
    chargers[sent % connections]?.send(`[2,"${sent}","Heartbeat",{}]`);
  }
}, TICK_MS);

await setTimeout(5_000);
const frozenMs = performance.now();
disk.freeze();
await setTimeout(seconds * 1000);
disk.thaw();
const thawedMs = performance.now();
await recorder.line((line) => line.includes('"RECOVERED"'));
await setTimeout(2_000);
clearInterval(ticking);
while (sentAt.size > 0) await setTimeout(10);
for (const charger of chargers) charger.close();
await recorder.stop();
csms.close();

const between = (from: number, to: number) =>
  latencies.filter(({ atMs }) => atMs >= from && atMs < to).map(({ tookMs }) => tookMs);
const told = (name: string, values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(
    `${name.padEnd(28)} ${sorted.length} calls, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`,
  );
};
told('before', between(startMs, frozenMs));
told(`first ${2 * HOLD_MS} ms frozen`, between(frozenMs, frozenMs + 2 * HOLD_MS));
const held = between(frozenMs + 2 * HOLD_MS, thawedMs);
told('frozen, hold reached', held);
told('after', between(thawedMs, Number.POSITIVE_INFINITY));
const { texts, late, missing } = await accountOf(recorder.file);
console.log(
  `CSMS received ${counts.received}, chargers received ${counts.answered}; ${texts} on record, ${late} of them late, ${missing} in gaps`,
);
disk.unmount();
rmSync(folder, { recursive: true });
if (texts + missing !== 2 * counts.received || counts.answered !== counts.received) process.exitCode = 1;
