import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { JsonObject } from '../../ocpp/json.ts';
import { listenOn } from '../../wire/listen.ts';

/** The findings that a comparison of release 2 with release 1 must have, and no other. */
export const PLANTED = [
  { kind: 'field-changed', action: 'Authorize', path: '/idTagInfo/status' },
  { kind: 'command-missing', action: 'ChangeConfiguration', path: '' },
  { kind: 'type-changed', action: 'StartTransaction', path: '/transactionId' },
  { kind: 'close', action: null, path: '' },
] as const;

/** A running demo CSMS. */
export interface ReleaseCsms {
  /** Such as ws://127.0.0.1:40123. */
  url: string;
  close(): Promise<void>;
}

type Release = 1 | 2;
type Command = [action: string, payload: JsonObject];

/** What one release does with a call: its answer, commands that follow, and whether it then loses the connection. */
interface Reaction {
  answer: JsonObject;
  commands?: Command[];
  closes?: boolean;
}

const DAY_MS = 86_400_000;

function idTagInfo(status: 'Accepted' | 'Blocked'): JsonObject {
  return { status, expiryDate: new Date(Date.now() + DAY_MS).toISOString() };
}

/** Release 2 has lost a row of its tag table. */
function authorize(release: Release, payload: JsonObject): Reaction {
  const isLost = release === 2 && payload.idTag === 'TAG0001';
  return { answer: { idTagInfo: idTagInfo(isLost ? 'Blocked' : 'Accepted') } };
}

/** Release 2 forgets the command that sets the sample interval. */
function boot(release: Release): Reaction {
  const commands: Command[] = [['GetConfiguration', { key: ['HeartbeatInterval'] }]];
  if (release === 1) commands.push(['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '30' }]);
  return { answer: { status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 }, commands };
}

/** Release 2 moved to a database whose driver hands out transaction ids as text. */
function start(release: Release, id: number): Reaction {
  const transactionId = release === 2 ? String(id) : id;
  return { answer: { transactionId, idTagInfo: idTagInfo('Accepted') } };
}

/** Release 2 answers, then falls over meter data that comes with the end of a transaction. */
function stop(release: Release, payload: JsonObject): Reaction {
  return { answer: {}, closes: release === 2 && payload.transactionData !== undefined };
}

function react(release: Release, action: string, payload: JsonObject, nextId: () => number): Reaction | null {
  switch (action) {
    case 'BootNotification':
      return boot(release);
    case 'Authorize':
      return authorize(release, payload);
    case 'StartTransaction':
      return start(release, nextId());
    case 'StopTransaction':
      return stop(release, payload);
    case 'Heartbeat':
      return { answer: { currentTime: new Date().toISOString() } };
    case 'SignCertificate':
      return { answer: { status: 'Accepted' } };
    case 'StatusNotification':
    case 'MeterValues':
    case 'SecurityEventNotification':
    case 'LogStatusNotification':
      return { answer: {} };
    default:
      return null;
  }
}

/** Speaks with one charger; its commands go out one at a time (OCPP-J 1.6 §4.1.1). */
function serve(socket: WebSocket, release: Release, nextId: () => number): void {
  const waiting: Command[] = [];
  let open: string | null = null;
  let sent = 0;
  const command = (): void => {
    const next = open === null ? waiting.shift() : undefined;
    if (next === undefined) return;
    open = `csms-${++sent}`;
    socket.send(JSON.stringify([2, open, ...next]));
  };
  socket.on('error', () => socket.terminate());
  socket.on('message', (data) => {
    const [type, messageId, action, payload] = JSON.parse(String(data)) as [
      number,
      string,
      string,
      JsonObject,
    ];
    if (type !== 2) {
      if (messageId === open) open = null;
      command();
      return;
    }
    const reaction = react(release, action, payload, nextId);
    const answer = reaction ? [3, messageId, reaction.answer] : [4, messageId, 'NotImplemented', action, {}];
    socket.send(JSON.stringify(answer));
    waiting.push(...(reaction?.commands ?? []));
    if (reaction?.closes) socket.close(1011, 'unhandled exception');
    command();
  });
}

/** Starts one of the two releases on 127.0.0.1; port 0 takes a free one. Transaction ids go on from release 1 to release 2. PORT_IN_USE. */
export async function startReleaseCsms(options: { release: Release; port: number }): Promise<ReleaseCsms> {
  const { release, port } = options;
  let transactionId = release * 10_000;
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'ocpp1.6' });
  sockets.on('error', () => {});
  sockets.on('connection', (socket) => serve(socket, release, () => ++transactionId));
  const address = await listenOn(server, { host: '127.0.0.1', port });
  return {
    url: `ws://127.0.0.1:${address.port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
