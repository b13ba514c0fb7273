import type { Ender, Ending } from '../session/connection.ts';

/** Something a person who watches the proxy wants to know. */
export type ProxyEvent =
  | { kind: 'opened'; connection: number; identity: string; subprotocol: string | null }
  | { kind: 'refused'; connection: number; identity: string; status: number; by: Ender }
  | { kind: 'closed'; connection: number; identity: string | null; by: Ender | null; ending: Ending | null }
  | { kind: 'http'; connection: number; target: string }
  | { kind: 'fault'; connection: number; message: string };

/** Counters since the start of the proxy; `open` is now. */
export interface ProxyStats {
  open: number;
  connections: number;
  frames: number;
  /** Times the tap failed and a gap was recorded instead. */
  faults: number;
}
