import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WebSocket, WebSocketServer } from 'ws';
import { type RunningRecorder, startRecorder } from './binary.ts';
import { recordedFrames } from './recorded-frames.ts';

/** What one round of killing a recorder in the middle of load showed. */
export interface KillRound {
  /** Frames that the far ends' own logs had received when the recorder died. */
  received: number;
  /** Of those, the ones that are not in the recording. */
  missing: string[];
  integrity: unknown;
  /** Whether a hold ran out: such a round proves nothing. */
  expired: boolean;
}

/** How much load a round puts on the recorder. */
export interface Load {
  connections: number;
  /** Calls that each charger keeps outstanding. */
  outstanding: number;
  /** Calls answered before the recorder is killed. */
  answersBeforeKill: number;
}

/** Slows each commit from outside, so that a wrong order of commit and acknowledgement shows. */
const SLOW_COMMIT = `--import ${new URL('./slow-commit.mjs', import.meta.url).pathname}`;

/** Kills a recorder (-9, its own pid) once so many calls have been answered, and looks for what the far ends received but the file lacks. */
export async function killRound(folder: string, load: Load): Promise<KillRound> {
  const csms = await answeringCsms();
  const file = join(folder, 'killed.db');
  const recorder = await startRecorder(`ws://127.0.0.1:${csms.port}`, file, {
    env: { NODE_OPTIONS: SLOW_COMMIT },
  });
  let expired = false;
  void recorder
    .line((line) => line.includes('"HOLD_EXPIRED"'))
    .then(
      () => {
        expired = true;
      },
      () => {},
    );
  const received = await loadUntilKilled(recorder, load);
  await recorder.finished;
  csms.close();
  const frames = recordedFrames(file);
  const recorded = new Set(frames.map((frame) => `${frame.sender} ${frame.payload}`));
  const all = [...csms.received.map((text) => `charger ${text}`), ...received.map((text) => `csms ${text}`)];
  const database = new Database(file, { readonly: true });
  const integrity = database.pragma('integrity_check', { simple: true });
  database.close();
  return { received: all.length, missing: all.filter((one) => !recorded.has(one)), integrity, expired };
}

/** A CSMS that answers each call at once and logs what it received. */
async function answeringCsms(): Promise<{ port: number; received: string[]; close(): void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
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
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, received, close: () => server.close() };
}

/** Chargers in a closed loop; resolves with what they had received when all their connections were gone. */
async function loadUntilKilled(recorder: RunningRecorder, load: Load): Promise<string[]> {
  const received: string[] = [];
  const chargers = Array.from({ length: load.connections }, async (_, index) => {
    const socket = new WebSocket(`${recorder.url}/ocpp/CP${index}`, 'ocpp1.6', { perMessageDeflate: false });
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
