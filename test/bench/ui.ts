// npm run bench:ui: a recording of 1,000,000 frames on the screens, in a real pseudo-terminal through the built binary.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newConnection } from '../../src/session/connection.ts';
import type { Frame } from '../../src/session/frame.ts';
import { writeFile } from '../../src/store/new-file.ts';
import { newRecording } from '../../src/store/recording-writer.ts';
import { BINARY } from '../support/binary.ts';
import { Terminal } from '../support/terminal.ts';

const FRAMES = Number(process.env.FRAMES ?? 1_000_000);
const CHARGERS = Number(process.env.CHARGERS ?? 12_000);
const KEYS = 60;

const folder = mkdtempSync(join(tmpdir(), 'chargetape-bench-'));
const file = join(folder, 'million.db');
try {
  await write();
  await measure();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function write(): Promise<void> {
  const head = newRecording({
    kind: 'capture',
    toolVersion: '1.2.3',
    label: null,
    upstream: 'ws://csms:8180',
    source: null,
  });
  const startUs = Date.now() * 1000 - 3_600e6;
  await writeFile(file, { ...head, startedAtUs: startUs, endedAtUs: startUs + 3_600e6 }, async (writer) => {
    for (let index = 1; index <= CHARGERS; index++) {
      const identity = `CP-${String(index).padStart(5, '0')}`;
      writer.entry({
        kind: 'session',
        session: {
          id: index,
          identity,
          endpoint: '/ocpp',
          vendor: 'V',
          model: 'M',
          firmware: null,
          replays: null,
        },
      });
      const opening = { id: index, openedId: index, openedAtUs: startUs + index, openedMonoUs: index };
      const known = {
        session: index,
        kind: 'websocket',
        status: 101,
        subprotocol: 'ocpp1.6',
        target: `/ocpp/${identity}`,
      } as const;
      writer.entry({ kind: 'connection', connection: { ...newConnection(opening), ...known } });
    }
    for (let index = 0; index < FRAMES / 2; index++) {
      const id = CHARGERS + 1 + index * 2;
      const [action, call, answer] = exchange(index);
      const connection = 1 + (index % CHARGERS);
      const at = { atUs: startUs + index * 7000, monoUs: index * 7000 };
      writer.entry({
        kind: 'frame',
        frame: frame(
          { id, connection, ...at, sender: 'charger', action, messageType: 'call' },
          `[2,"${index}","${action}",${call}]`,
        ),
      });
      const isError = index % 9973 === 0;
      const text = isError ? `[4,"${index}","InternalError","",{}]` : `[3,"${index}",${answer}]`;
      writer.entry({
        kind: 'frame',
        frame: frame(
          {
            id: id + 1,
            connection,
            ...at,
            sender: 'csms',
            action,
            messageType: isError ? 'callError' : 'callResult',
            answers: id,
            latencyUs: 4000,
          },
          text,
        ),
      });
    }
    return {};
  });
}

function exchange(index: number): [string, string, string] {
  if (index % 50_000 === 49_999)
    return ['StatusNotification', '{"connectorId":1,"errorCode":"GroundFailure","status":"Faulted"}', '{}'];
  if (index % 10 < 2)
    return [
      'StatusNotification',
      `{"connectorId":1,"errorCode":"NoError","status":"${index % 3 ? 'Available' : 'Charging'}"}`,
      '{}',
    ];
  if (index % 10 === 9) return ['Heartbeat', '{}', '{"currentTime":"2026-11-22T07:25:27.221Z"}'];
  return [
    'MeterValues',
    `{"connectorId":1,"transactionId":${index % 999},"meterValue":[{"timestamp":"2026-11-22T07:25:27.221Z","sampledValue":[{"value":"${index}","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}`,
    '{}',
  ];
}

function frame(known: Partial<Frame>, text: string): Frame {
  const payload = Buffer.from(text);
  return {
    ...({
      id: 0,
      connection: 0,
      atUs: 0,
      monoUs: 0,
      sender: 'charger',
      opcode: 1,
      messageType: 'call',
    } as const),
    ...{ messageId: String(known.id), action: null, answers: null, latencyUs: null },
    ...{ wireBytes: payload.length, flags: 0, fragments: null, sha256: null, payload },
    ...known,
  };
}

async function measure(): Promise<void> {
  const startMs = performance.now();
  const terminal = new Terminal(BINARY, ['ui', file], { columns: 120, rows: 40 });
  const took = async (press: string, shows: RegExp): Promise<number> => {
    const beforeMs = performance.now();
    if (press !== '') terminal.press(press);
    await terminal.shows(shows);
    return performance.now() - beforeMs;
  };
  await terminal.shows(/▸.*\/ocpp\/CP-/);
  tell('first screen', performance.now() - startMs, 1000);

  const whileReading = await keys(terminal, took, /\d\/[\d,]+$/);
  tell('keys while it is read, p95', percentile(whileReading, 0.95), 100);
  await took('g', /(?<![\d,])1\/[\d,]+$/);
  await terminal.shows(/worst first(?!.*reading)/);
  tell('all read', performance.now() - startMs, null);
  tell('keys in the list, p95', percentile(await keys(terminal, took, /\d\/[\d,]+$/), 0.95), 100);
  for (const [name, filter] of [
    ['column filter (action)', 'action:Heartbeat'],
    ['column filter (kind)', 'kind:error'],
    ['column filter (latency)', 'latency<1ms'],
    ['payload status', 'status:Faulted'],
    ['payload text, rare', '"GroundFailure"'],
  ] as const) {
    await took('/', / filter:/);
    await took(filter, / filter: \S/);
    // Rows, the sentence that there are none, or how far it has looked.
    tell(
      `${name}: first rows or progress`,
      await took('\r', /worst first.*filter: (?:.*looking: \d|[\s\S]*(?:▸.*\/ocpp|matches nothing))/),
      300,
    );
    await terminal.shows(/worst first(?!.*looking)/);
    await took('\u001b', new RegExp(`/${CHARGERS.toLocaleString('en')}$`));
  }
  await took('g', /(?<![\d,])1\/[\d,]+$/);
  tell('into a ladder', await took('\r', /charger +CSMS[\s\S]*│/), 100);
  await terminal.shows(/\d\/\d+$/);
  tell('keys in a ladder, p95', percentile(await keys(terminal, took, /\d\/\d+$/), 0.95), 100);
  const { peak, now } = memoryOf(terminal.pid);
  tell('memory, MB at its peak', peak, 300);
  tell('memory, MB now', now, 300);
  await terminal.close();
}

/** How long each of some moves took until the screen stood elsewhere, ms. */
async function keys(
  terminal: Terminal,
  took: (press: string, shows: RegExp) => Promise<number>,
  position: RegExp,
): Promise<number[]> {
  await terminal.shows(position);
  const times: number[] = [];
  for (let index = 0; index < KEYS; index++) {
    const before = /\S+$/.exec(terminal.rows().at(-1) ?? '')?.[0] ?? '';
    const key = ['j', '\u001b[6~', 'k', '\u001b[5~'][index % 4] ?? 'j';
    times.push(await took(key, new RegExp(`(?<!${before.replaceAll('/', '\\/')})$(?<=\\d\\/[\\d,]+)`)));
  }
  return times;
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;
}

/** Resident memory of a process and its threads, MB. The pty's child may be a launcher: its own child counts then. */
function memoryOf(pid: number): { peak: number; now: number } {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  const status = readFileSync(`/proc/${children[0] ?? pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { peak: of('VmHWM'), now: of('VmRSS') };
}

function tell(what: string, value: number, bar: number | null): void {
  const verdict = bar === null ? '' : value <= bar ? `  (bar ${bar})` : `  OVER the bar of ${bar}`;
  console.log(`${what.padEnd(44)} ${value.toFixed(0).padStart(6)}${verdict}`);
}
