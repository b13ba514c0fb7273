import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replay } from '../../src/replay/replay.ts';
import { chargetape, type Finished } from '../support/binary.ts';
import {
  flood,
  frameOf,
  type HostileCsms,
  type Hostility,
  resultOf,
  startHostileCsms,
} from '../support/hostile-csms.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { writeScripts } from '../support/script-file.ts';
import { scriptedReader, scriptedSession } from '../support/scripted-session.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const LIFE = `
  0 open
  10 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  30 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Charging"}
  40 < {}
  50 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
  60 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  70 > MeterValues {"connectorId":1,"transactionId":7,"meterValue":[]}
  80 < {}
  90 > StopTransaction {"transactionId":7,"meterStop":1,${AT}}
  100 < {"idTagInfo":{"status":"Accepted"}}
  110 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
  120 < {}
  130 > Heartbeat {}
  140 < {"currentTime":"2026-01-01T00:00:00Z"}
  150 close charger 1000
  151 close csms 1000
  152 end charger close`;

const ACTIONS = [...LIFE.matchAll(/> (\w+)/g)].map(([, action]) => action);
const LOST_ID = 'The CSMS did not answer StartTransaction, so its transactionId is not known.';
const SILENT = 'The CSMS has stopped answering.';
const ENDS = 'The CSMS ended the connection again and again.';

/** What a CSMS does to a charger, and what the run has to say of it; null: the session is complete. */
const CASES: Record<string, [Hostility, string | null]> = {
  'treats-well': [{}, null],
  'is-too-busy': [
    { head: (socket) => socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\n\r\nslow down') },
    'The CSMS answered the handshake with 429.',
  ],
  'is-not-found': [
    { head: (socket) => socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\nno') },
    'The CSMS answered the handshake with 404.',
  ],
  resets: [{ head: (socket) => socket.resetAndDestroy() }, 'The CSMS could not be reached: read ECONNRESET.'],
  'says-nothing': [
    { head: () => {} },
    'The CSMS could not be reached: no answer to the handshake in 1000 ms.',
  ],
  'says-half': [
    { head: (socket) => socket.write('HTTP/1.1 101 Switching Pro') },
    'The CSMS could not be reached: no answer to the handshake in 1000 ms.',
  ],
  'is-no-http': [
    { head: (socket) => socket.write('220 mail.example ESMTP\r\n\r\n') },
    'The CSMS could not be reached: the answer is no HTTP.',
  ],
  'never-answers': [{ called: () => {} }, SILENT],
  'never-reads': [{ opened: ({ socket }) => socket.pause() }, SILENT],
  'stops-answering': [
    {
      called: (call, line) => {
        if (call.action === 'BootNotification' || call.action === 'StatusNotification')
          line.ws.send(resultOf(call));
      },
    },
    LOST_ID,
  ],
  'talks-nonsense': [{ called: (_, line) => line.ws.send('[3,"unterminated') }, SILENT],
  'sends-odd-frames': [
    {
      opened: ({ socket }) => {
        for (const opcode of [3, 7, 11, 15, 0]) socket.write(frameOf('odd', opcode));
        socket.write(frameOf(Buffer.from([0xff, 0xfe, 0xfd])));
      },
    },
    null,
  ],
  'announces-too-much': [
    { opened: ({ socket }) => socket.write(Buffer.from('817f7fffffffffffffff5b', 'hex')) },
    SILENT,
  ],
  'closes-at-once': [{ opened: (line) => line.ws.close(1013), called: () => {} }, ENDS],
  'closes-instead-of-answering': [{ called: (_, line) => line.ws.close(1011) }, ENDS],
  'closes-once': [
    {
      called: (call, line) => {
        line.ws.send(resultOf(call));
        if (line.nth === 1 && call.action === 'StartTransaction') line.ws.close(1012);
      },
    },
    null,
  ],
  'breaks-off-in-a-frame': [
    {
      called: (call, line) => {
        if (call.action !== 'StartTransaction') line.ws.send(resultOf(call));
        else line.socket.end(frameOf(resultOf(call)).subarray(0, 20));
      },
    },
    LOST_ID,
  ],
  'answers-twice': [
    { called: (call, line) => [line.ws.send(resultOf(call)), line.ws.send(resultOf(call))] },
    null,
  ],
  'answers-with-another-id': [
    { called: (call, line) => line.ws.send(resultOf(call, `x${call.id}`)) },
    LOST_ID,
  ],
  'refuses-everything': [
    { called: ({ id }, line) => line.ws.send(`[4,${JSON.stringify(id)},"InternalError","",{}]`) },
    null,
  ],
  'commands-much': [
    {
      called: (call, line) => {
        line.ws.send(resultOf(call));
        if (call.action !== 'BootNotification') return;
        for (let turn = 0; turn < 100; turn++) line.ws.send(`[2,"c${turn}","GetConfiguration",{}]`);
      },
    },
    null,
  ],
};

const work = mkdtempSync(join(tmpdir(), 'chargetape-hostile-'));
const names = Object.keys(CASES);
const scripts = (script: string, of: readonly string[]) =>
  of.map((name, index) => scriptedSession(script, name, index + 1));
const hostilities = Object.fromEntries(names.map((name) => [name, CASES[name]![0]]));

/** Replays scripts by the real binary against that CSMS. */
async function replayed(name: string, script: string, csms: HostileCsms, flags: string[]): Promise<Finished> {
  const recording = join(work, `${name}-recording.db`);
  await writeScripts(recording, scripts(script, name === 'flood' ? Object.keys(FLOODS) : names));
  const args = ['replay', recording, '--target', csms.url, '--out', join(work, `${name}.db`), ...flags];
  return chargetape([...args, '--no-diff', '--json'], { env: PEAK_MEMORY });
}

const peakFile = join(work, 'peak.txt');
const preload = join(work, 'peak.mjs');
const PEAK_MEMORY = { NODE_OPTIONS: `--import ${preload}` };
writeFileSync(
  preload,
  `import { writeFileSync } from 'node:fs';
   import { isMainThread } from 'node:worker_threads';
   const peak = () => writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS));
   if (isMainThread) process.on('exit', peak);`,
);

/** Sockets and timers of this process. */
const resources = () =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket') || name === 'Timeout')
    .length;

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a run against a hostile CSMS', () => {
  let csms: HostileCsms;
  let finished: Finished;
  let summary: { sessions: number; incomplete: { session: string; reason: string }[] };

  beforeAll(async () => {
    csms = await startHostileCsms(hostilities);
    finished = await replayed('hostile', LIFE, csms, ['--speed', 'max', '--wait', '1', '--no-cleanup']);
    summary = JSON.parse(finished.stdout);
    await csms.close();
  });

  it('ends with exit code 3 and without a complaint of its own', () => {
    expect([finished.code, finished.stderr]).toEqual([3, '']);
    expect(summary.sessions).toBe(names.length);
    expect(recordedValue(join(work, 'hostile.db'), 'SELECT count(*) FROM outcome')).toBe(names.length);
    expect(recordedValue(join(work, 'hostile.db'), 'SELECT count(*) FROM gap')).toBe(0);
  });

  it.each(Object.entries(CASES))('says what happened when it %s', (name, [, reason]) => {
    const said = summary.incomplete.find(({ session }) => session === `/ocpp/${name}`)?.reason ?? null;
    if (reason === null) expect(said).toBeNull();
    else expect(said).toContain(reason);
  });

  it.each(names.filter((name) => CASES[name]![1] === null && name !== 'refuses-everything'))(
    'says everything that was recorded, once, when it %s',
    (name) => {
      expect(csms.calls.get(name)).toEqual(ACTIONS);
    },
  );

  it('answers each of a hundred commands once', () => {
    expect(csms.answers.get('commands-much')).toEqual(Array.from({ length: 100 }, (_, turn) => `c${turn}`));
  });

  it('comes back a bounded number of times, and not to one that refuses', () => {
    const comebacks = (name: string) => csms.connections.get(name);
    expect(comebacks('closes-at-once')).toBe(4);
    expect(comebacks('closes-instead-of-answering')).toBe(4);
    expect(comebacks('is-too-busy')).toBe(1);
  });
});

describe('a replay in this process', () => {
  it('has no socket and no timer left when it resolves, whatever the CSMS did', async () => {
    const csms = await startHostileCsms(hostilities);
    const before = resources();
    const { incomplete } = await replay({
      reader: scriptedReader(scripts(LIFE, names)),
      recorder: new MemoryRecorder(),
      target: { host: '127.0.0.1', port: csms.port, path: '' },
      ...{ speed: 'max', time: 'keep', waitMs: 300, backOffMs: [10, 10, 10], cleanUp: true },
    });
    expect(incomplete.length).toBeGreaterThan(5);
    const after = resources() - csms.open();
    await csms.close();
    expect(after).toBeLessThanOrEqual(before);
  });
});

/** Pours on a charger while it lives, and answers it all the same. Small frames are dear, so they come to an end. */
const FLOODS: Record<string, Hostility> = {
  texts: { opened: (line) => flood(line, frameOf(Buffer.alloc(16_384, '{'))) },
  commands: {
    opened: (line) =>
      flood(line, frameOf(`[2,"c","DataTransfer",{"vendorId":"${'x'.repeat(1_000)}"}]`), 4 << 20),
  },
  pings: { opened: (line) => flood(line, frameOf(Buffer.alloc(125), 9), 1 << 20) },
};

describe('a run against a CSMS that floods its chargers', () => {
  it('says all that it has to say, in bounded memory, and without a gap', async () => {
    const csms = await startHostileCsms(FLOODS);
    const slow = LIFE.replace(/^ *(\d+) /gm, (_, ms) => `${Number(ms) * 10} `);
    const { code, stdout } = await replayed('flood', slow, csms, ['--speed', '1', '--wait', '10']);
    const sent = csms.bytesSent();
    await csms.close();
    expect([code, JSON.parse(stdout).incomplete]).toEqual([0, []]);
    for (const name of Object.keys(FLOODS)) {
      expect(csms.calls.get(name)).toEqual(ACTIONS);
    }
    expect(recordedValue(join(work, 'flood.db'), 'SELECT count(*) FROM gap')).toBe(0);
    expect(sent).toBeGreaterThan(10 << 20);
    expect(Number(readFileSync(peakFile, 'utf8')) * 1024).toBeLessThan(500 << 20);
  });
});
