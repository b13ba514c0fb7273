import type { Side } from '../ocpp/message.ts';
import type { Ender, Ending } from '../session/connection.ts';

/** Something a person who watches the proxy wants to know. */
export type ProxyEvent =
  | { kind: 'opened'; connection: number; identity: string; subprotocol: string | null }
  | { kind: 'refused'; connection: number; identity: string; status: number; by: Ender }
  | { kind: 'closed'; connection: number; identity: string | null; by: Ender | null; ending: Ending | null }
  | { kind: 'turned-away'; connection: number; address: string | null; reason: string }
  | { kind: 'http'; connection: number; target: string }
  | { kind: 'draining'; connections: number }
  | { kind: 'recording'; isOn: boolean; reason: string }
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
  /** Connections that did not get as far as a request: no TLS, a handshake that failed, no PROXY header. */
  turnedAway: number;
  /** Connections that passed and are not on record, as asked for. */
  unrecorded: number;
  /** Connections that were closed at once, since there were as many as there may be. */
  overLimit: number;
  /** Times the tap failed and a gap was recorded instead. */
  faults: number;
}

/** Counters at zero. */
export function newStats(): ProxyStats {
  const none = () => ({ charger: 0, csms: 0 });
  return {
    open: 0,
    connections: 0,
    frames: none(),
    bytes: none(),
    refusals: {},
    turnedAway: 0,
    unrecorded: 0,
    overLimit: 0,
    faults: 0,
  };
}
