import type { Side } from '../ocpp/message.ts';
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
  /** Frames read, and bytes received, by who sent them. */
  frames: Record<Side, number>;
  bytes: Record<Side, number>;
  /** Handshakes that the CSMS did not accept, by the status that the charger got; 502 and 504 are ours. */
  refusals: Record<number, number>;
  /** Times the tap failed and a gap was recorded instead. */
  faults: number;
}

/** Counters at zero. */
export function newStats(): ProxyStats {
  const none = () => ({ charger: 0, csms: 0 });
  return { open: 0, connections: 0, frames: none(), bytes: none(), refusals: {}, faults: 0 };
}
