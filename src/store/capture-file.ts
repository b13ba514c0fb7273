import { existsSync, readFileSync } from 'node:fs';
import { ChargetapeError } from '../errors.ts';
import type { Side } from '../ocpp/message.ts';
import { Opcode } from '../session/frame.ts';

/** What one line of a capture tells. */
export type CaptureFact =
  | { kind: 'open' }
  | { kind: 'handshake'; sender: Side; lines: string[] }
  | { kind: 'frame'; sender: Side; raw: string }
  | { kind: 'control'; sender: Side; opcode: number; payload: Buffer }
  | { kind: 'end'; sender: Side; ending: 'fin' | 'reset' }
  | { kind: 'deflated'; sender: Side; wireBytes: number; bytes: number };

/** A fact with its time (ms since the epoch), its connection, and where it stands. */
export type CaptureLine = CaptureFact & { atMs: number; connection: number; file: string; line: number };

/** The two files of one capture: its text frames, and all else. */
export interface Capture {
  frames: CaptureLine[];
  wire: CaptureLine[];
  /** Lines that tell nothing a recording holds. */
  ignored: number;
}

type Fields = Record<string, unknown>;

/** Names of the captures (without ending) that a list of their files means: either file of a pair will do; NAME.meta.json is left alone. */
export function captureNames(files: readonly string[]): string[] {
  const names = files
    .filter((file) => !file.endsWith('.meta.json'))
    .map((file) => {
      const name = /^(.*)\.(?:jsonl|wire\.log)$/s.exec(file)?.[1];
      if (name !== undefined) return name;
      throw new ChargetapeError('BAD_CAPTURE', `${file} is neither a .jsonl nor a .wire.log file.`);
    });
  if (names.length === 0) throw new ChargetapeError('BAD_CAPTURE', 'There is no capture among the files.');
  return [...new Set(names)];
}

/** Reads NAME.jsonl, and NAME.wire.log when there is one; either may tell anything. NO_SUCH_FILE, TRUNCATED_CAPTURE, BAD_CAPTURE. */
export function readCapture(name: string): Capture {
  const frames = readLines(`${name}.jsonl`);
  const isWhole = frames.lines.some(({ kind }) => kind === 'handshake');
  const wire = isWhole && !existsSync(`${name}.wire.log`) ? NO_LINES : readLines(`${name}.wire.log`);
  return { frames: frames.lines, wire: wire.lines, ignored: frames.ignored + wire.ignored };
}

interface Lines {
  lines: CaptureLine[];
  ignored: number;
}

const NO_LINES: Lines = { lines: [], ignored: 0 };

function readLines(file: string): Lines {
  const rows = textOf(file).split('\n');
  const lines: CaptureLine[] = [];
  let ignored = 0;
  for (const [index, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const fields = parse(row, file, index + 1, index === rows.length - 1);
    const found = typeof fields.t === 'number' ? factOf(fields) : null;
    if (found === null || (found === 'ignored' && file.endsWith('.jsonl')))
      throw new ChargetapeError('BAD_CAPTURE', `${file}, line ${index + 1}, is no line of a capture.`);
    if (found === 'ignored') ignored++;
    else
      lines.push({
        ...found,
        atMs: fields.t as number,
        connection: connectionOf(fields),
        file,
        line: index + 1,
      });
  }
  return { lines, ignored };
}

function textOf(file: string): string {
  if (!existsSync(file)) throw new ChargetapeError('NO_SUCH_FILE', `There is no ${file}.`);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ChargetapeError('BAD_CAPTURE', `${file} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function parse(row: string, file: string, line: number, isCut: boolean): Fields {
  try {
    const fields = JSON.parse(row) as unknown;
    if (typeof fields === 'object' && fields !== null) return fields as Fields;
  } catch (error) {
    const options = { cause: error };
    if (isCut) throw new ChargetapeError('TRUNCATED_CAPTURE', `${file} breaks off in line ${line}.`, options);
    throw new ChargetapeError('BAD_CAPTURE', `${file}, line ${line}, is no JSON.`, options);
  }
  throw new ChargetapeError('BAD_CAPTURE', `${file}, line ${line}, is no line of a capture.`);
}

/** The first connection of a capture is implied. */
function connectionOf(fields: Fields): number {
  return typeof fields.conn === 'number' ? fields.conn : 1;
}

function senderOf(fields: Fields): Side | null {
  if (fields.dir === 'cp->csms') return 'charger';
  return fields.dir === 'csms->cp' ? 'csms' : null;
}

/** What a line tells; null for one that should be a frame and is not. */
function factOf(fields: Fields): CaptureFact | 'ignored' | null {
  if (!('raw' in fields)) return wireFact(fields);
  const sender = senderOf(fields);
  if (sender === null || typeof fields.raw !== 'string') return null;
  return { kind: 'frame', sender, raw: fields.raw };
}

/** Events of a capture's TCP connection. */
const EVENTS: Record<string, CaptureFact> = {
  'tcp-open': { kind: 'open' },
  'cp-fin': { kind: 'end', sender: 'charger', ending: 'fin' },
  'csms-fin': { kind: 'end', sender: 'csms', ending: 'fin' },
  'cp-err': { kind: 'end', sender: 'charger', ending: 'reset' },
  'csms-err': { kind: 'end', sender: 'csms', ending: 'reset' },
};

function wireFact(fields: Fields): CaptureFact | 'ignored' {
  if (typeof fields.event === 'string') return EVENTS[fields.event] ?? 'ignored';
  const sender = senderOf(fields);
  if (sender === null) return 'ignored';
  if (Array.isArray(fields.handshake))
    return { kind: 'handshake', sender, lines: fields.handshake.map(String) };
  if (fields.note === 'deflated' && typeof fields.wire === 'number' && typeof fields.len === 'number') {
    return { kind: 'deflated', sender, wireBytes: fields.wire, bytes: fields.len };
  }
  return typeof fields.op === 'string' ? controlFact(fields, sender, fields.op) : 'ignored';
}

function controlFact(fields: Fields, sender: Side, op: string): CaptureFact | 'ignored' {
  if (op === 'close') return { kind: 'control', sender, opcode: Opcode.close, payload: closePayload(fields) };
  if (op !== 'ping' && op !== 'pong') return 'ignored';
  const payload = Buffer.from(typeof fields.payload === 'string' ? fields.payload : '', 'latin1');
  return { kind: 'control', sender, opcode: Opcode[op], payload };
}

/** RFC 6455 §5.5.1: two bytes of code, then the reason; or nothing. */
function closePayload(fields: Fields): Buffer {
  if (typeof fields.code !== 'number') return Buffer.alloc(0);
  const code = Buffer.alloc(2);
  code.writeUInt16BE(fields.code & 0xffff);
  return Buffer.concat([code, Buffer.from(typeof fields.reason === 'string' ? fields.reason : '', 'utf8')]);
}
