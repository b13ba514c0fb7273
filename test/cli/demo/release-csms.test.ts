import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startReleaseCsms } from '../../../src/cli/demo/release-csms.ts';

const STOP = { transactionId: 1, meterStop: 1, timestamp: '2026-11-22T07:00:00Z' };

/** What one charger hears from a release: answers by action, commands, and the code of the close. */
async function visit(release: 1 | 2) {
  const csms = await startReleaseCsms({ release, port: 0 });
  const socket = new WebSocket(`${csms.url}/CP`, 'ocpp1.6');
  const closed = once(socket, 'close');
  const answers: Record<string, unknown> = {};
  const commands: string[] = [];
  socket.on('message', (data) => {
    const [type, id, third] = JSON.parse(String(data)) as [number, string, unknown];
    if (type === 2) {
      commands.push(String(third));
      socket.send(JSON.stringify([3, id, { status: 'Accepted' }]));
    } else answers[id] = third;
    if (id === 'last') socket.close(1000);
  });
  await once(socket, 'open');
  const call = (action: string, payload: object, id = action) =>
    socket.send(JSON.stringify([2, id, action, payload]));
  call('BootNotification', { chargePointModel: 'm', chargePointVendor: 'v' });
  call('Authorize', { idTag: 'TAG0001' });
  call('Authorize', { idTag: '12345' }, 'other tag');
  call('StartTransaction', { connectorId: 1, idTag: 'TAG0001', meterStart: 0, timestamp: STOP.timestamp });
  call('NoSuchAction', {});
  call('StopTransaction', STOP);
  call('StopTransaction', { ...STOP, transactionData: [] }, 'last');
  const [code] = (await closed) as [number];
  await csms.close();
  return { answers, commands, code };
}

describe('the demo CSMS', () => {
  it('accepts, commands and stays in release 1', async () => {
    const { answers, commands, code } = await visit(1);
    expect(answers).toMatchObject({
      BootNotification: { status: 'Accepted', interval: 300 },
      Authorize: { idTagInfo: { status: 'Accepted' } },
      'other tag': { idTagInfo: { status: 'Accepted' } },
      StartTransaction: { transactionId: expect.any(Number), idTagInfo: { status: 'Accepted' } },
      NoSuchAction: 'NotImplemented',
    });
    expect(commands).toEqual(['GetConfiguration', 'ChangeConfiguration']);
    expect(code).toBe(1000);
  });

  it('blocks a tag, forgets a command, spells ids as text and hangs up in release 2', async () => {
    const { answers, commands, code } = await visit(2);
    expect(answers).toMatchObject({
      BootNotification: { status: 'Accepted', interval: 300 },
      Authorize: { idTagInfo: { status: 'Blocked' } },
      'other tag': { idTagInfo: { status: 'Accepted' } },
      StartTransaction: { transactionId: expect.any(String), idTagInfo: { status: 'Accepted' } },
      StopTransaction: {},
    });
    expect(commands).toEqual(['GetConfiguration']);
    expect(code).toBe(1011);
  });
});
