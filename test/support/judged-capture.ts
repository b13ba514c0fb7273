import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ChargerLog, Judge, type JudgedConnection } from './csms-judge.ts';

interface Line {
  t: number;
  conn?: number;
  dir: string;
  raw?: string;
  handshake?: string[];
}

const folder = resolve(import.meta.dirname, '../../fixtures/captures');

/**
 * What the judge says of a capture as it was recorded (its name without `.jsonl`): what a faithful replay of that charger may do wrong
 * as well, by message id.
 */
export function judgedCapture(name: string, maxOutstanding = 4): ChargerLog[] {
  const judge = new Judge(maxOutstanding);
  tell(judge, join(folder, name));
  return judge.judgement();
}

/** What the judge says of many captures (their files without `.jsonl`) together: those of one charger are one log. */
export function judgedCaptures(files: readonly string[]): ChargerLog[] {
  const judge = new Judge(Number.POSITIVE_INFINITY);
  for (const file of files) tell(judge, file);
  return judge.judgement();
}

function tell(judge: Judge, file: string): void {
  const connections = new Map<number, JudgedConnection>();
  const wire = linesOf(`${file}.wire.log`);
  for (const { conn = 1, handshake } of wire.filter((line) => line.handshake && line.dir === 'cp->csms')) {
    const path = /^GET (\S+)/.exec(handshake?.[0] ?? '')?.[1] ?? '';
    const header = (wanted: RegExp) =>
      handshake?.find((line) => wanted.test(line))?.replace(wanted, '') ?? '';
    const session = path.split('?')[0] ?? '';
    const protocols = header(/^sec-websocket-protocol: /i).split(/, */);
    judge.handshake(session, protocols, header(/^sec-websocket-extensions: /i));
    const isAccepted = wire.some(
      (line) => (line.conn ?? 1) === conn && line.handshake?.[0]?.startsWith('HTTP/1.1 101'),
    );
    if (isAccepted) connections.set(conn, judge.opened(session));
  }
  for (const { conn = 1, dir, raw = '' } of linesOf(`${file}.jsonl`)) {
    if (dir === 'cp->csms') connections.get(conn)?.received(raw);
    else connections.get(conn)?.sent(raw);
  }
}

function linesOf(file: string): Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}
