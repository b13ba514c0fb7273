import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { cleanUp } from '../../src/replay/clean-up.ts';
import { replay } from '../../src/replay/replay.ts';
import { FrameFlag } from '../../src/session/frame.ts';
import { acceptOf } from '../../src/wire/request-head.ts';
import { openTransactions } from '../support/csms-judge.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { scriptedReader, scriptedSession } from '../support/scripted-session.ts';
import { startTestCsms, type TestCsms } from '../support/test-csms.ts';

const LEFT_OPEN = `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  100 > StartTransaction {"connectorId":1,"idTag":"TAG1","meterStart":0,"timestamp":"2026-01-01T00:00:01Z"}
  110 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  200 end charger fin`;

let csms: TestCsms | null = null;

afterEach(async () => {
  await csms?.close();
  csms = null;
});

async function cleaned(switches: string[]) {
  csms = await startTestCsms({ switches });
  const recorder = new MemoryRecorder();
  const summary = await replay({
    reader: scriptedReader([scriptedSession(LEFT_OPEN)]),
    recorder,
    target: { host: '127.0.0.1', port: csms.port, path: '' },
    ...{ speed: 'max', time: 'end-now', waitMs: 300, backOffMs: [5, 10, 20], cleanUp: true },
  });
  return { summary, recorder, log: csms.judgement()[0]! };
}

describe('a clean-up', () => {
  it('stops the transaction on a connection of its own, and all it says is marked as ours', async () => {
    const { summary, recorder, log } = await cleaned([]);
    expect(summary).toMatchObject({ complete: 1, cleanUp: { calls: 1, failures: [] } });
    expect(openTransactions(log)).toEqual([]);
    expect(log.connections).toHaveLength(2);
    const [, connection] = recorder.connections;
    expect(connection).toMatchObject({ replays: null, endedBy: 'chargetape' });
    const said = recorder.frames.filter(
      (one) => one.connection === connection?.id && one.sender === 'charger',
    );
    expect(said.map(({ opcode }) => opcode)).toEqual([1, 8]);
    expect(said.every(({ flags }) => flags & FrameFlag.ours)).toBe(true);
  });

  it('that the CSMS refuses is listed, and the session is none the worse', async () => {
    const { summary, log } = await cleaned(['stop-error']);
    expect(summary.complete).toBe(1);
    expect(summary.cleanUp).toEqual({
      calls: 0,
      failures: [
        { session: '/ocpp/CP1', reason: expect.stringMatching(/^StopTransaction: the CSMS answered \w+\.$/) },
      ],
    });
    expect(openTransactions(log)).toHaveLength(1);
  });

  it.each([
    ['says nothing', () => {}, 'the CSMS did not answer.'],
    ['ends the connection', (socket: Socket) => void socket.end(), 'The CSMS ended the connection.'],
  ])('ends within a bound when the CSMS %s', async (_, then, reason) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head) => {
        const key = /sec-websocket-key: *(\S+)/i.exec(head.toString('latin1'))?.[1] ?? '';
        const lines = ['HTTP/1.1 101 Switching Protocols', `Sec-WebSocket-Accept: ${acceptOf(key)}`, '', ''];
        socket.write(lines.join('\r\n'));
        socket.resume().on('end', () => socket.end());
        then(socket);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = { host: '127.0.0.1', port, path: '' };
    const [opened] = scriptedSession(LEFT_OPEN).events;
    if (opened?.kind !== 'opened') throw new Error('the script opens a connection first');
    const recorded = { ...opened.connection, status: 101 };
    const call = { action: 'StopTransaction', payload: {} };
    const result = await cleanUp({
      context: { target, recorder: new MemoryRecorder(), source: 'x' },
      session: 1,
      planned: { recorded, protocol: ocpp16, accepted: true, echoesClose: null, closedId: null },
      calls: [call, call],
      waitMs: 50,
    });
    server.close();
    expect(result).toEqual({
      done: 0,
      failures: [`StopTransaction: ${reason}`, `StopTransaction: ${reason}`],
    });
  });
});
