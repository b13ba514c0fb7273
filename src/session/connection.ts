import type { Side } from '../ocpp/message.ts';

/** Who ended a connection: a side, or Chargetape itself (its stop, 502 and 504). */
export type Ender = Side | 'chargetape';

/** How it ended: the first of a WebSocket close frame, a FIN or a reset; `lost` when the recording stops before its end. */
export type Ending = 'close' | 'fin' | 'reset' | 'refused' | 'timeout' | 'stopped';

/** What TLS negotiated on one leg of a connection. */
export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  protocol: string;
  /** Its name in OpenSSL. */
  cipher: string;
  /** Name that the client asked for (SNI); null when it asked for none. */
  servername: string | null;
  /** Whether it resumed an earlier TLS session. */
  resumed: boolean;
  /** Whether the peer's certificate is one of a trusted authority (and, of a server, for its name). */
  verified: boolean;
  /** Subject of the peer's certificate; null when it showed none. */
  peerSubject: string | null;
  /** SHA-256 of the peer's certificate, hex in pairs. */
  peerFingerprint: string | null;
}

/** Pings and pongs that each side sent. */
export type ControlCounts = Record<Side, { pings: number; pongs: number }>;

/** One TCP connection of a charger, from its opening to its end, including a refused handshake and what was no HTTP at all. */
export interface Connection {
  id: number;
  /** Session it belongs to; null for ordinary HTTP and bytes that are no HTTP. */
  session: number | null;
  kind: 'websocket' | 'http' | 'other';
  /** Place of its opening in the recording-wide order (see Frame.id). */
  openedId: number;
  openedAtUs: number;
  openedMonoUs: number;
  /** Request target as sent, query included, secrets redacted; empty when there was none. */
  target: string;
  /** Request head as sent (latin1, redacted), with its blank line; empty when there was none. */
  requestHead: string;
  /** Response head as sent (latin1, redacted); null when none came. */
  responseHead: string | null;
  /** Body of a refusal, as sent (at most 64 kB). */
  refusalBody: Uint8Array | null;
  /** HTTP status of the answer to the handshake; null when none came. */
  status: number | null;
  /** From the request head to the response head, µs. */
  handshakeUs: number | null;
  offeredSubprotocols: string | null;
  subprotocol: string | null;
  offeredExtensions: string | null;
  extensions: string | null;
  chargerAddress: string | null;
  csmsAddress: string | null;
  /** TLS of the charger's leg and of the CSMS's; null without TLS, or when its handshake was not completed. */
  chargerTls: TlsFacts | null;
  csmsTls: TlsFacts | null;
  /** Pings and pongs, where they were only counted; null where they are frames, or left out. */
  controlFrames: ControlCounts | null;
  /** Place of its end in the recording-wide order; null while open, or when the recording stopped first. */
  closedId: number | null;
  closedAtUs: number | null;
  closedMonoUs: number | null;
  endedBy: Ender | null;
  ending: Ending | null;
  closeCode: number | null;
  closeReason: string | null;
  /** Payload bytes handed to the kernel towards each side, when a reset makes that worth knowing. */
  bytesToCharger: number | null;
  bytesToCsms: number | null;
  /** True when its times and place were inferred by an import. */
  orderInferred: boolean;
  /** Of a run: the connection of the replayed recording that this one replays. */
  replays: number | null;
}

/** Place and time of a connection's opening. */
export type Opening = Pick<Connection, 'id' | 'openedId' | 'openedAtUs' | 'openedMonoUs'>;

/** The row of a connection that was just opened and of which nothing more is known. */
export function newConnection(opening: Opening): Connection {
  return {
    ...opening,
    session: null,
    kind: 'other',
    target: '',
    requestHead: '',
    responseHead: null,
    refusalBody: null,
    status: null,
    handshakeUs: null,
    offeredSubprotocols: null,
    subprotocol: null,
    offeredExtensions: null,
    extensions: null,
    chargerAddress: null,
    csmsAddress: null,
    chargerTls: null,
    csmsTls: null,
    controlFrames: null,
    closedId: null,
    closedAtUs: null,
    closedMonoUs: null,
    endedBy: null,
    ending: null,
    closeCode: null,
    closeReason: null,
    bytesToCharger: null,
    bytesToCsms: null,
    orderInferred: false,
    replays: null,
  };
}
