import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answeringCsms, type CallingCharger, callingCharger } from '../support/answering-csms.ts';
import { BINARY, shellEnvironment, startRecorder } from '../support/binary.ts';
import { recordedFrames, recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Closing {
  identity: string;
  atMs: number;
  code: number;
  reason: string;
}

function closings(chargers: ReadonlyMap<string, CallingCharger>): Promise<Closing>[] {
  return [...chargers].map(async ([identity, { socket }]) => {
    const [code, reason] = await once(socket, 'close');
    return { identity, atMs: performance.now(), code, reason: String(reason) };
  });
}

describe('a drain', () => {
  it('ends idle chargers one after the other, charging ones last and none in the middle of a call', async () => {
    const csms = await answeringCsms({
      answers: { StartTransaction: '{"transactionId":7,"idTagInfo":{"status":"Accepted"}}' },
      slow: 'Authorize',
    });
    const args = ['--drain-rate', '40/s', '--drain-close', '1012', '--admin', '127.0.0.1:0'];
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args });
    const names = Array.from({ length: 40 }, (_, index) => `CP${String(index).padStart(2, '0')}`);
    const chargers = new Map<string, CallingCharger>();
    for (const name of names) chargers.set(name, await callingCharger(recorder.url, name));
    const charging = names.slice(0, 5);
    for (const name of charging)
      await chargers
        .get(name)!
        .call(
          'start',
          'StartTransaction',
          '{"connectorId":1,"idTag":"T","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}',
        );
    for (const name of ['CP05', 'CP06']) await chargers.get(name)!.call('begin', 'Heartbeat');
    const inFlight = chargers.get('CP07')!.call('slow', 'Authorize', '{"idTag":"T"}');
    await csms.slowArrived;

    const all = Promise.all(closings(chargers));
    const ended = recorder.stop();
    const answered = inFlight.then(() => performance.now());
    await recorder.line((line) => line.includes('"draining"'));
    expect((await fetch(`${recorder.admin}/readyz`)).status).toBe(503);
    expect((await fetch(`${recorder.admin}/livez`)).status).toBe(200);
    await expect(callingCharger(recorder.url, 'LATE')).rejects.toThrow('ECONNREFUSED');
    while (csms.sockets.size > 1) await once([...csms.sockets][0]!, 'close');
    csms.answerSlow();
    const closed = (await all).sort((a, b) => a.atMs - b.atMs);
    expect((await ended).code).toBe(0);

    expect(new Set(closed.map(({ code, reason }) => `${code} ${reason}`))).toEqual(
      new Set(['1012 the recorder is restarting']),
    );
    const order = closed.map(({ identity }) => identity);
    expect(order.at(-1)).toBe('CP07');
    expect(order.slice(-6, -1).sort()).toEqual(charging);
    expect(await answered).toBeLessThan(closed.at(-1)!.atMs);
    const seconds = (closed.at(-2)!.atMs - closed[0]!.atMs) / 1000;
    expect(38 / seconds).toBeLessThan(60);
    expect(
      recordedValue(
        recorder.file,
        "SELECT count(*) FROM connection WHERE ended_by = 'chargetape' AND ending = 'stopped' AND close_code = 1012",
      ),
    ).toBe(40);
    expect(
      recordedFrames(recorder.file).filter(({ flags, opcode }) => flags & 2048 && opcode === 8),
    ).toHaveLength(80);
    expect(csms.closeCodes).toEqual(Array(40).fill(1012));
  });

  it('is bounded: what is still in the middle of a call is ended when its time is over', async () => {
    const csms = await answeringCsms({ slow: 'Authorize' });
    const args = ['--drain-rate', '100/s', '--drain-timeout', '1s'];
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args });
    const charger = await callingCharger(recorder.url);
    void charger.call('slow', 'Authorize');
    await csms.slowArrived;
    const startMs = performance.now();
    const closed = once(charger.socket, 'close');
    const ended = recorder.stop();
    await closed;
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(900);
    expect((await ended).code).toBe(0);
  });
});

describe('socket activation', () => {
  it('lets a new process accept while the old one empties', async () => {
    const csms = await answeringCsms();
    const listening = net.createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const { fd } = (listening as unknown as { _handle: { fd: number } })._handle;
    const folder = temporaryFolder();
    /** A process that holds the socket, and becomes a recorder when it is told to. */
    const hold = (name: string) => {
      const record = `record --upstream ${csms.url} --json --drain-rate 100/s --out ${join(folder, name)}`;
      const child = spawn('sh', ['-c', `read go; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" ${record}`, BINARY], {
        env: shellEnvironment(),
        stdio: ['pipe', 'pipe', 'inherit', fd],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };
    const activate = async (child: ReturnType<typeof hold>) => {
      child.stdin!.end('go\n');
      for await (const line of createInterface({ input: child.stdout! })) {
        if (!line.includes('"listening"')) continue;
        expect(JSON.parse(line).url).toBe(`ws://127.0.0.1:${port}`);
        return;
      }
    };
    const [old, young] = [hold('old.db'), hold('young.db')];
    listening.close();
    const url = `ws://127.0.0.1:${port}`;
    await activate(old);
    const before = await callingCharger(url, 'OLD');
    await before.call('one');
    await activate(young);
    const emptied = once(old, 'exit');
    const closed = once(before.socket, 'close');
    old.kill('SIGTERM');
    await closed;
    const after = await callingCharger(url, 'OLD');
    await after.call('two');
    expect(await emptied).toEqual([0, null]);
    await after.call('three');
    await after.close();
    const done = once(young, 'exit');
    young.kill('SIGTERM');
    await done;
    const texts = (name: string) =>
      recordedValue(join(folder, name), 'SELECT count(*) FROM frame WHERE opcode = 1');
    expect([texts('old.db'), texts('young.db')]).toEqual([2, 4]);
  });
});
