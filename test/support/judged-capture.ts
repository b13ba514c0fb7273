import { readFileSync } from 'node:fs';
import { type ChargerLog, Judge, type JudgedConnection } from './csms-judge.ts';

interface Line {
  t: number;
  conn?: number;
  dir: string;
  raw?: string;
  handshake?: string[];
}

const folder = new URL('../../fixtures/captures/', import.meta.url).pathname;
const linesOf = (name: string): Line[] =>
  readFileSync(folder + name, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/**
 * What the judge says of a capture as it was recorded (its name without `.jsonl`): what a faithful replay of that charger may do wrong
 * as well, by message id.
 */
export function judgedCapture(name: string, maxOutstanding = 4): ChargerLog[] {
  const judge = new Judge(maxOutstanding);
  const connections = new Map<number, JudgedConnection>();
  const heads = linesOf(`${name}.wire.log`).filter((line) => line.handshake && line.dir === 'cp->csms');
  for (const { conn = 1, handshake } of heads) {
    const path = /^GET (\S+)/.exec(handshake?.[0] ?? '')?.[1] ?? '';
    const header = (wanted: RegExp) =>
      handshake?.find((line) => wanted.test(line))?.replace(wanted, '') ?? '';
    const session = path.split('?')[0] ?? '';
    const protocols = header(/^sec-websocket-protocol: /i).split(/, */);
    judge.handshake(session, protocols, header(/^sec-websocket-extensions: /i));
    connections.set(conn, judge.opened(session));
  }
  for (const { conn = 1, dir, raw = '' } of linesOf(`${name}.jsonl`)) {
    if (dir === 'cp->csms') connections.get(conn)?.received(raw);
    else connections.get(conn)?.sent(raw);
  }
  return judge.judgement();
}
