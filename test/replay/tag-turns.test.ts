import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { replay } from '../../src/replay/replay.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { scriptedReader, scriptedSession } from '../support/scripted-session.ts';

/** A transaction of a tag, from and to, ms. */
const charging = (id: number, from: number, to: number, tag = 'TAG') => `
  0 open
  ${from} > StartTransaction {"connectorId":1,"idTag":"${tag}","meterStart":0}
  ${from + 5} < {"transactionId":${id},"idTagInfo":{"status":"Accepted"}}
  ${to} > StopTransaction {"transactionId":${id},"meterStop":1}
  ${to + 5} < {}
  9000 end charger fin`;

/** Replays scripts, as CP1, CP2 ..., at full speed: what a CSMS gets, that is slow to answer CP1. */
async function played(texts: string[]): Promise<string[]> {
  const log: string[] = [];
  let issued = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'ocpp1.6' });
  await once(server, 'listening');
  server.on('connection', (socket, { url = '' }) => {
    const name = url.split('/').at(-1);
    socket.on('message', (data) => {
      const [, id, action] = JSON.parse(String(data));
      log.push(`${name} ${action}`);
      const answer = action === 'StartTransaction' ? { transactionId: ++issued } : {};
      setTimeout(() => socket.send(JSON.stringify([3, id, answer])), name === 'CP1' ? 40 : 0);
    });
  });
  const scripts = texts.map((text, index) => scriptedSession(text, `CP${index + 1}`, index + 1));
  const { port } = server.address() as AddressInfo;
  const summary = await replay({
    reader: scriptedReader(scripts),
    recorder: new MemoryRecorder(),
    target: { host: '127.0.0.1', port, path: '' },
    ...{ speed: 'max', time: 'keep', waitMs: 2_000, backOffMs: [10], cleanUp: false },
  });
  server.close();
  expect(summary.complete).toBe(texts.length);
  return log;
}

const START = 'StartTransaction';
const STOP = 'StopTransaction';

describe.concurrent('sessions that share a tag', () => {
  it('keep their recorded order, so that it is in one transaction at a time', async () => {
    expect(await played([charging(7, 100, 200), charging(8, 300, 400, 'tag')])).toEqual([
      ...[`CP1 ${START}`, `CP1 ${STOP}`, `CP2 ${START}`, `CP2 ${STOP}`],
    ]);
    expect(await played([charging(7, 300, 400), charging(8, 100, 200)])).toEqual([
      ...[`CP2 ${START}`, `CP2 ${STOP}`, `CP1 ${START}`, `CP1 ${STOP}`],
    ]);
  });

  it('have it in two at once where the recording had it so', async () => {
    expect(await played([charging(7, 100, 500), charging(8, 300, 400)])).toEqual([
      ...[`CP1 ${START}`, `CP2 ${START}`, `CP2 ${STOP}`, `CP1 ${STOP}`],
    ]);
  });

  it('do not wait for one another when the tags are others', async () => {
    const log = await played([charging(7, 100, 200), charging(8, 300, 400, 'OTHER')]);
    expect(log.indexOf(`CP2 ${STOP}`)).toBeLessThan(log.indexOf(`CP1 ${STOP}`));
  });

  it('go on when the one before does not come to its end', async () => {
    const cut = charging(7, 100, 200).replace(/ {2}200.*\n.*\n/, '');
    expect(cut).not.toContain(STOP);
    expect(await played([cut, charging(8, 300, 400)])).toEqual([
      ...[`CP1 ${START}`, `CP2 ${START}`, `CP2 ${STOP}`],
    ]);
  });
});
