import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WebSocket, WebSocketServer } from 'ws';
import { type RunningRecorder, startRecorder } from './binary.ts';
import { recordedFrames } from './recorded-frames.ts';
import { type Legs, securedLegs } from './secured-legs.ts';

/** What one round of killing a recorder in the middle of load showed. */
export interface KillRound {
  /** Frames that the far ends' own logs had received when the recorder died. */
  received: number;
  /** Of those, the ones that are not in the recording. */
  missing: string[];
  /** Of every part: `ok`, or what SQLite says. */
  integrity: unknown;
  /** Parts that the recording had when its recorder died. */
  parts: number;
  /** Whether a hold ran out, or recording switched itself off: such a round proves nothing. */
  expired: boolean;
}

/** How much load a round puts on the recorder. */
export interface Load {
  connections: number;
  /** Calls that each charger keeps outstanding. */
  outstanding: number;
  /** Calls answered before the recorder is killed. */
  answersBeforeKill: number;
  /** Whether both legs are over TLS. */
  secured?: boolean;
  /** More flags of the recorder. */
  args?: string[];
}

/** Slows each commit from outside, so that a wrong order of commit and acknowledgement shows. */
const SLOW_COMMIT = `--import ${new URL('./slow-commit.mjs', import.meta.url).pathname}`;

/** Kills a recorder (-9, its own pid) once so many calls have been answered, and looks for what the far ends received but the file lacks. */
export async function killRound(folder: string, load: Load): Promise<KillRound> {
  const { secured = false } = load;
  const legs = await securedLegs(folder, { charger: secured, csms: secured });
  const csms = await answeringCsms(legs);
  const file = join(folder, 'killed.db');
  const recorder = await startRecorder(`${legs.scheme}://127.0.0.1:${csms.port}`, file, {
    args: [...legs.args, ...(load.args ?? [])],
    env: { NODE_OPTIONS: SLOW_COMMIT },
  });
  let expired = false;
  void recorder
    .line((line) => line.includes('"HOLD_EXPIRED"') || line.includes('"isOn":false'))
    .then(
      () => {
        expired = true;
      },
      () => {},
    );
  const received = await loadUntilKilled(recorder, load, legs);
  await recorder.finished;
  csms.close();
  const parts = readdirSync(folder).filter((name) => name.startsWith('killed') && name.endsWith('.db'));
  const paths = parts.map((name) => join(folder, name));
  const frames = paths.flatMap(recordedFrames);
  const recorded = new Set(frames.map((frame) => `${frame.sender} ${frame.payload}`));
  const all = [...csms.received.map((text) => `charger ${text}`), ...received.map((text) => `csms ${text}`)];
  const missing = all.filter((one) => !recorded.has(one));
  const integrity = paths.map(integrityOf).find((verdict) => verdict !== 'ok') ?? 'ok';
  return { received: all.length, missing, integrity, parts: parts.length, expired };
}

function integrityOf(file: string): unknown {
  const database = new Database(file, { readonly: true });
  const verdict = database.pragma('integrity_check', { simple: true });
  database.close();
  return verdict;
}

/** A CSMS that answers each call at once and logs what it received. */
async function answeringCsms(legs: Legs): Promise<{ port: number; received: string[]; close(): void }> {
  const http = legs.server ? createServer(legs.server) : createPlainServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const received: string[] = [];
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const text = String(data);
      received.push(text);
      const messageId = JSON.parse(text)[1];
      socket.send(`[3,"${messageId}",{}]`);
    });
  });
  http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(http, 'listening');
  return { port: (http.address() as AddressInfo).port, received, close: () => http.close() };
}

/** Chargers in a closed loop; resolves with what they had received when all their connections were gone. */
async function loadUntilKilled(recorder: RunningRecorder, load: Load, legs: Legs): Promise<string[]> {
  const received: string[] = [];
  const chargers = Array.from({ length: load.connections }, async (_, index) => {
    const socket = new WebSocket(`${recorder.url}/ocpp/CP${index}`, 'ocpp1.6', {
      perMessageDeflate: false,
      ...legs.client,
    });
    let next = 0;
    const call = (): void => socket.send(`[2,"${index}-${next++}","Heartbeat",{}]`);
    socket.on('error', () => {});
    socket.on('message', (data) => {
      received.push(String(data));
      if (received.length === load.answersBeforeKill) process.kill(recorder.pid, 'SIGKILL');
      if (socket.readyState === WebSocket.OPEN) call();
    });
    socket.on('open', () => {
      for (let n = 0; n < load.outstanding; n++) call();
    });
    await new Promise((gone) => socket.on('close', gone));
  });
  await Promise.all(chargers);
  return received;
}
