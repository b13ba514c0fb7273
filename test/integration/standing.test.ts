import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startRecorder } from '../support/binary.ts';
import { rawClient } from '../support/raw-peer.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A CSMS that notes what it was asked, and echoes. */
async function startCsms() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'ocpp1.6' });
  const asked: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  server.on('connection', (socket, { url, headers }) => {
    asked.push({ url, headers });
    socket.on('message', (data) => socket.send(String(data)));
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Opens a WebSocket, has a text echoed, closes it; gives the status that came instead, if one did. */
async function visit(url: string, identity: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(`${url}/ocpp/${identity}`, 'ocpp1.6', { headers });
  socket.on('error', () => {});
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
  const opened = once(socket, 'open').then(() => 101);
  refused.catch(() => {});
  opened.catch(() => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const status = await Promise.race([refused, opened]);
  if (status === 101) {
    socket.send('[2,"1","Heartbeat",{}]');
    await once(socket, 'message');
    socket.close();
  } else socket.terminate();
  await closed;
  return status;
}

const record = async (args: string[], base = '') => {
  const csms = await startCsms();
  const file = join(temporaryFolder(), 'standing.db');
  return { csms, file, recorder: await startRecorder(csms.url + base, file, { args }) };
};

describe('chargetape record', () => {
  it('admits and records different chargers: 403 is on record as its own, others pass unrecorded', async () => {
    const list = join(temporaryFolder(), 'list');
    writeFileSync(list, '# those that we look at\nCP-1\n\nCP-2 # and this one\n');
    const args = ['--allow', 'CP-*', '--deny', 'CP-9', '--record-only', `@${list}`, '--record-only', 'XX*'];
    const { csms, file, recorder } = await record([...args, '--admin', '127.0.0.1:0']);
    const statuses: number[] = [];
    for (const identity of ['CP-1', 'CP-2', 'CP-3', 'CP-9', 'XX-1']) {
      statuses.push(await visit(recorder.url, identity));
    }
    expect(statuses).toEqual([101, 101, 101, 403, 403]);
    expect(csms.asked.map(({ url }) => url)).toEqual(['/ocpp/CP-1', '/ocpp/CP-2', '/ocpp/CP-3']);
    const state = await fetch(`${recorder.admin}/state`).then((answer) => answer.json());
    expect(state).toMatchObject({ traffic: { connections: 5, unrecorded: 2, refusals: { 403: 2 } } });
    const metrics = await fetch(`${recorder.admin}/metrics`).then((answer) => answer.text());
    expect(metrics).toContain('\nchargetape_unrecorded_total 2\n');
    await recorder.stop();
    const identities = 'SELECT group_concat(identity) FROM (SELECT identity FROM session ORDER BY identity)';
    expect(recordedValue(file, identities)).toBe('CP-1,CP-2,XX-1');
    expect(recordedValue(file, "SELECT ended_by || ' ' || ending FROM connection WHERE status = 403")).toBe(
      'chargetape refused',
    );
    expect(recordedValue(file, 'SELECT count(*) FROM connection')).toBe(3);
    expect(recordedValue(file, 'SELECT count(DISTINCT connection) FROM frame')).toBe(2);
  });

  it('puts its path, its name and the charger into the request as told, and believes only trusted proxies', async () => {
    const told = ['--rewrite-host', '--x-forwarded'];
    const { csms, file, recorder } = await record(told, '/base');
    await visit(recorder.url, 'CP-1', { 'X-Forwarded-For': '6.6.6.6' });
    expect(csms.asked[0]).toMatchObject({
      url: '/base/ocpp/CP-1',
      headers: { host: csms.url.slice(5), 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
    });
    await recorder.stop();
    expect(recordedValue(file, 'SELECT target FROM connection')).toBe('/ocpp/CP-1');

    const behind = await record(['--trusted-proxies', '127.0.0.0/8', '--deny', '203.0.113.9']);
    const forwarded = { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7', 'X-Forwarded-Proto': 'https' };
    expect(await visit(behind.recorder.url, 'CP-1', forwarded)).toBe(101);
    expect(await visit(behind.recorder.url, 'CP-2', { 'X-Forwarded-For': '203.0.113.9' })).toBe(403);
    expect(behind.csms.asked[0]?.headers).toMatchObject({
      'x-forwarded-for': '6.6.6.6, 203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'https',
    });
    await behind.recorder.stop();
    expect(recordedValue(behind.file, 'SELECT charger_address FROM connection WHERE status = 101')).toBe(
      '203.0.113.7',
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'takes so many connections and no more, and probes those that are silent',
    async () => {
      const { recorder } = await record(['--max-connections', '2', '--keepalive', '90']);
      const [first, second] = [await rawClient(recorder.port), await rawClient(recorder.port)];
      const third = await rawClient(recorder.port);
      await third.ended();
      expect([first.ending, second.ending]).toEqual([null, null]);
      const timers = keepaliveTimers(recorder.port);
      expect(timers).toHaveLength(2);
      for (const seconds of timers) expect(seconds).toBeGreaterThan(80);
      for (const seconds of timers) expect(seconds).toBeLessThanOrEqual(91);
      for (const peer of [first, second, third]) peer.socket.destroy();
      await recorder.stop();
    },
  );
});

/** Seconds until the kernel probes each connection that was accepted on this port (timer 2 of /proc/net/tcp, in clock ticks). */
function keepaliveTimers(port: number): number[] {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells[1] === local && cells[3] === '01' && cells[5]?.startsWith('02:'))
    .map((cells) => Number.parseInt(cells[5]?.slice(3) ?? '', 16) / 100);
}
