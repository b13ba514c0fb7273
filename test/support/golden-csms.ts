import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ReplayOptions, type ReplaySummary, replay } from '../../src/replay/replay.ts';
import { MemoryRecorder } from './memory-recorder.ts';
import { scriptedReader, scriptedSession } from './scripted-session.ts';

/** A call that the CSMS received: the exact text, and what it says. */
export interface GoldenCall {
  text: string;
  action: string;
  id: string;
  payload: Record<string, unknown>;
  /** The CSMS's wall clock when it came, ms since the epoch. */
  atMs: number;
}

/** What the CSMS sends because of a call: texts, at once or some ms later; with no more than commands, it answers `{}` by itself. */
export type GoldenReply = (call: GoldenCall) => (string | { text: string; ms: number })[];

/** What a CSMS saw of a replayed session, by its own log, and how the replay says that it went. */
export interface Golden {
  calls: GoldenCall[];
  /** Exact texts of the answers to its commands, by message id. */
  answers: Map<string, string>;
  /** Its calls (`> Action`), the commands it got (`< Action`) and connections (`open`, `end`), in the order in which the CSMS saw them. */
  log: string[];
  /** Message ids of the calls as recorded. */
  recordedIds: string[];
  /** Close codes with which connections ended, in order. */
  closes: number[];
  summary: ReplaySummary;
  recorder: MemoryRecorder;
}

/** Replays a script (see scripted-session.ts), or one for each charger, over real sockets against a CSMS that only knows what it is told to answer, and pings each connection so often. */
export async function golden(
  script: string | string[],
  reply: GoldenReply,
  options: Partial<ReplayOptions> = {},
  pings = 0,
): Promise<Golden> {
  const calls: GoldenCall[] = [];
  const answers = new Map<string, string>();
  const closes: number[] = [];
  const log: string[] = [];
  const ends: Promise<unknown>[] = [];
  const scripts = [script].flat();
  const recorded = scripts.map((one, index) => scriptedSession(one, `CP${index + 1}`, index + 1));
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'ocpp1.6' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    log.push('open');
    for (let ping = 0; ping < pings; ping++) socket.ping(`ping ${ping}`);
    ends.push(once(socket, 'close'));
    socket.on('close', (code) => {
      closes.push(code);
      log.push('end');
    });
    socket.on('message', (data) => {
      const text = String(data);
      const [type, id, action, payload] = JSON.parse(text);
      if (type !== 2) {
        answers.set(id, text);
        return;
      }
      const call = { text, action, id, payload, atMs: Date.now() };
      calls.push(call);
      log.push(`> ${action}`);
      send(socket, call, reply(call), log);
    });
  });
  const recorder = new MemoryRecorder();
  const { port } = server.address() as AddressInfo;
  try {
    const summary = await replay({
      reader: scriptedReader(recorded),
      recorder,
      target: { host: '127.0.0.1', port, path: '' },
      speed: 'max',
      time: 'keep',
      waitMs: 5_000,
      backOffMs: [10, 10, 10],
      cleanUp: false,
      ...options,
    });
    await Promise.all(ends);
    const events = recorded.flatMap((one) => one.events);
    const recordedIds = events.flatMap((event) => {
      const isCall = event.kind === 'frame' && event.frame.messageType === 'call';
      return isCall && event.frame.sender === 'charger' ? [event.frame.messageId ?? ''] : [];
    });
    return { calls, answers, closes, log, recordedIds, summary, recorder };
  } finally {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
}

function send(socket: WebSocket, call: GoldenCall, replies: ReturnType<GoldenReply>, log: string[]): void {
  const texts = replies.map((one) => (typeof one === 'string' ? { text: one, ms: 0 } : one));
  if (texts.every(({ text }) => text.startsWith('[2'))) socket.send(`[3,${JSON.stringify(call.id)},{}]`);
  for (const { text, ms } of texts) {
    const write = () => {
      const [type, , action] = JSON.parse(text);
      if (type === 2) log.push(`< ${action}`);
      socket.send(text);
    };
    if (ms === 0) write();
    else setTimeout(write, ms);
  }
}

/** The answer to a call, its payload as an exact text. */
export function result({ id }: GoldenCall, payload: string): string {
  return `[3,${JSON.stringify(id)},${payload}]`;
}

/** A command, its payload as an exact text. */
export function command(id: string, action: string, payload: string): string {
  return `[2,${JSON.stringify(id)},"${action}",${payload}]`;
}
