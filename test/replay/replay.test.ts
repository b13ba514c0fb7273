import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChargetapeError } from '../../src/errors.ts';
import { replay } from '../../src/replay/replay.ts';
import type { Entry, Outcome } from '../../src/session/recording.ts';
import { acceptOf } from '../../src/wire/request-head.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { type Script, scriptedReader, scriptedSession } from '../support/scripted-session.ts';
import { startTestCsms, type TestCsms } from '../support/test-csms.ts';

const TRANSACTION = `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  30 > Authorize {"idTag":"TAG1"}
  40 < {"idTagInfo":{"status":"Accepted"}}
  1000 > StartTransaction {"connectorId":1,"idTag":"TAG1","meterStart":0,"timestamp":"2026-01-01T00:00:01Z"}
  1010 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  2000 > MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-01-01T00:00:02Z","sampledValue":[{"value":"1"}]}]}
  2010 < {}
  9000 > StopTransaction {"transactionId":7,"meterStop":5,"timestamp":"2026-01-01T00:00:09Z"}
  9010 < {}
  9030 end charger fin`;

const FAST = { speed: 'max', time: 'end-now', waitMs: 300, backOffMs: [5, 10, 20] } as const;

let csms: TestCsms | null = null;
let server: Server | null = null;
const open = new Set<Socket>();

afterEach(async () => {
  await csms?.close();
  csms = null;
  for (const socket of open) socket.destroy();
  open.clear();
  server?.close();
  server = null;
});

/** A server of raw sockets: `onSocket` does what it likes. */
async function listen(
  onSocket: (socket: Socket) => void,
): Promise<{ host: string; port: number; path: string }> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { host: '127.0.0.1', port: address.port, path: '' };
}

/** Accepts the handshake, then lets `then` have the socket. */
function accepting(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) =>
    socket.once('data', (head: Buffer) => {
      const key = /sec-websocket-key: *(\S+)/i.exec(head.toString('latin1'))?.[1] ?? '';
      const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      lines.push(`Sec-WebSocket-Accept: ${acceptOf(key)}`, 'Sec-WebSocket-Protocol: ocpp1.6', '', '');
      socket.write(lines.join('\r\n'));
      then(socket);
    });
}

function played(
  recorder: MemoryRecorder,
  target: { host: string; port: number; path: string },
  scripts: Script[],
) {
  return replay({ reader: scriptedReader(scripts), recorder, target, ...FAST });
}

function all<Kind extends Entry['kind']>(recorder: MemoryRecorder, kind: Kind) {
  return recorder.entries.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);
}

describe('replay', () => {
  it('plays sessions side by side against a CSMS that issues other ids, and puts the run on record', async () => {
    csms = await startTestCsms();
    const scripts = [1, 2, 3].map((n) => scriptedSession(TRANSACTION, `CP${n}`, n));
    const recorder = new MemoryRecorder();
    const target = { host: '127.0.0.1', port: csms.port, path: '/test' };
    const { load, ...summary } = await played(recorder, target, scripts);
    expect(load).toMatchObject({ connections: { lost: 0, unreachable: 0, refused: {} } });
    expect(summary).toEqual({ sessions: 3, complete: 3, incomplete: [], notSent: 0 });
    for (const log of csms.judgement()) {
      expect(log.violations).toEqual([]);
      expect(log.transactions).toHaveLength(1);
      expect(log.calls.map(({ action }) => action)).toEqual([
        'BootNotification',
        'Authorize',
        'StartTransaction',
        'MeterValues',
        'StopTransaction',
      ]);
      expect(log.calls[3]?.payload.transactionId).toBe(log.transactions[0]?.id);
    }
    expect(
      csms
        .judgement()
        .map(({ session }) => session)
        .toSorted(),
    ).toEqual(['/test/CP1', '/test/CP2', '/test/CP3']);
    expect(recorder.sessions.map(({ endpoint, identity, replays }) => [endpoint, identity, replays])).toEqual(
      [
        ['/ocpp', 'CP1', 1],
        ['/ocpp', 'CP2', 2],
        ['/ocpp', 'CP3', 3],
      ],
    );
    expect(recorder.connections.map(({ replays, status }) => [replays, status])).toEqual([
      [101, 101],
      [201, 101],
      [301, 101],
    ]);
    expect(all(recorder, 'binding')).toHaveLength(3);
    const sent = recorder.frames.filter(({ sender }) => sender === 'charger');
    expect(all(recorder, 'link').map(({ link }) => link.frame)).toEqual(sent.map(({ id }) => id));
  });

  it('sends no redacted header and keeps the others as recorded', async () => {
    const heads: string[] = [];
    const target = await listen((socket) =>
      socket.once('data', (head: Buffer) => {
        heads.push(head.toString('latin1'));
        socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope');
      }),
    );
    const recorder = new MemoryRecorder();
    const summary = await played(recorder, target, [scriptedSession(TRANSACTION)]);
    expect(heads).toHaveLength(1);
    expect(heads[0]).toContain(
      `GET /ocpp/CP1 HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket`,
    );
    expect(heads[0]).not.toMatch(/authorization|redacted/i);
    expect(summary.incomplete).toEqual([
      { session: '/ocpp/CP1', reason: 'The CSMS answered the handshake with 404.' },
    ]);
    expect(recorder.connections[0]).toMatchObject({ status: 404, replays: 101, endedBy: 'csms' });
    expect(Buffer.from(recorder.connections[0]?.refusalBody ?? []).toString()).toBe('nope');
  });

  it('lets the other sessions go on when the CSMS answers one with garbage and drops it', async () => {
    csms = await startTestCsms();
    const { port } = csms;
    const target = await listen((socket) =>
      socket.once('data', (head: Buffer) => {
        if (head.toString('latin1').includes('/BAD ')) {
          socket.end('\x00\x01garbage that is no HTTP at all');
          return;
        }
        const upstream = connect(port, '127.0.0.1');
        open.add(upstream);
        upstream.on('error', () => {});
        upstream.write(head);
        upstream.pipe(socket);
        socket.pipe(upstream);
      }),
    );
    const scripts = [scriptedSession(TRANSACTION, 'BAD', 1), scriptedSession(TRANSACTION, 'GOOD', 2)];
    const summary = await played(new MemoryRecorder(), target, scripts);
    expect(summary.incomplete.map(({ session }) => session)).toEqual(['/ocpp/BAD']);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['sends frames that make no sense', (socket) => socket.write(Buffer.alloc(5000, 0xff))],
    ['never answers', (socket) => socket.resume()],
    ['resets the connection after the handshake', (socket) => setImmediate(() => socket.resetAndDestroy())],
  ])('ends incomplete within a bound when the CSMS %s', async (_, then) => {
    const target = await listen(accepting(then));
    const recorder = new MemoryRecorder();
    const summary = await played(recorder, target, [scriptedSession(TRANSACTION)]);
    expect(summary.complete).toBe(0);
    expect(summary.incomplete[0]?.reason).toMatch(/CSMS/);
    expect(all(recorder, 'outcome')).toHaveLength(1);
  });

  it('says that the CSMS is down', async () => {
    const target = await listen(() => {});
    server?.close();
    const summary = await played(new MemoryRecorder(), target, [scriptedSession(TRANSACTION)]);
    expect(summary.incomplete[0]?.reason).toMatch(/could not be reached/);
  });

  it('ends all sessions when it is stopped', async () => {
    const stop = new AbortController();
    const target = await listen(accepting((socket) => socket.once('data', () => stop.abort())));
    const recorder = new MemoryRecorder();
    const { signal } = stop;
    const scripts = [scriptedSession(TRANSACTION, 'A', 1), scriptedSession(TRANSACTION, 'B', 2)];
    const reader = scriptedReader(scripts);
    const summary = await replay({ reader, recorder, target, speed: 1, time: 'shift', signal });
    expect(summary.incomplete.map(({ reason }) => reason)).toEqual(['stopped', 'stopped']);
    const outcomes: Outcome[] = all(recorder, 'outcome').map(({ outcome }) => outcome);
    expect(outcomes.map(({ complete }) => complete)).toEqual([false, false]);
    expect(recorder.connections.map(({ endedBy, ending }) => [endedBy, ending])).toEqual([
      ['chargetape', 'stopped'],
      ['chargetape', 'stopped'],
    ]);
  });

  it('refuses to shift times at another pace than the recorded one', async () => {
    const reader = scriptedReader([scriptedSession(TRANSACTION)]);
    const target = { host: '127.0.0.1', port: 9, path: '' };
    const run = replay({ reader, recorder: new MemoryRecorder(), target, speed: 10, time: 'shift' });
    await expect(run).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a recording that can no longer be read', () => {
  it('ends the session, which is incomplete for that reason', async () => {
    csms = await startTestCsms();
    const reader = scriptedReader([scriptedSession(TRANSACTION)]);
    const { frame } = reader;
    let reads = 0;
    reader.frame = (id) => {
      if (++reads > 2) throw new ChargetapeError('UNREADABLE', 'The file is damaged.');
      return frame(id);
    };
    const target = { host: '127.0.0.1', port: csms.port, path: '' };
    const summary = await replay({ ...FAST, reader, recorder: new MemoryRecorder(), target });
    expect(summary.incomplete).toEqual([{ session: '/ocpp/CP1', reason: 'The file is damaged.' }]);
    expect(summary.notSent).toBe(3);
  });
});
