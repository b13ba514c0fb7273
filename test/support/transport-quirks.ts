/** A quirk of the transport, which no capture of texts can hold: what it is, who has it, and how it is treated. */
export interface TransportQuirk {
  what: string;
  seenAt: string;
  record: string;
  replay: string;
  diff: string;
}

const AS_HEAD = 'the recorded head is sent again: the same lines in the same order';

/** The quirks of transport, T1 to T11; `test/quirks/transport.test.ts` has a case with raw sockets for each. */
export const TRANSPORT_QUIRKS = {
  T1: {
    what: 'No `Sec-WebSocket-Protocol`.',
    seenAt: 'Grizzl-E',
    record: 'passes as it is; the CSMS decides',
    replay: AS_HEAD,
    diff: 'subprotocol, or handshake-status when the candidate refuses it',
  },
  T2: {
    what: 'No `Connection: Upgrade`.',
    seenAt: 'Autel',
    record: 'is an upgrade all the same, and passes byte for byte',
    replay: AS_HEAD,
    diff: 'handshake-status when the candidate refuses it',
  },
  T3: {
    what: 'The first bytes are a WebSocket frame, or a TLS hello on a plain port.',
    seenAt: 'ABB AC, EVBox',
    record: 'passes both ways as opaque bytes, of no session',
    replay: 'belongs to no session, so nothing is played',
    diff: 'counted among what belongs to no session',
  },
  T4: {
    what: 'Double or trailing slashes; the charger appends its own id.',
    seenAt: 'EVBox, EN+',
    record: 'passes as it is; empty segments do not count for the identity',
    replay: 'asks for the recorded path',
    diff: 'sessions are paired by identity and endpoint',
  },
  T5: {
    what: 'An absolute URI in the request line.',
    seenAt: 'MicroOcpp (old)',
    record: 'passes as it is; the identity is that of its path',
    replay: 'asks for path and query of it',
    diff: 'as any other',
  },
  T6: {
    what: 'Frames with RSV1 although nothing was negotiated.',
    seenAt: 'unnamed; Circontrol has a switch',
    record: 'passes; the frame is flagged reservedBits',
    replay: 'sends it with the same bits',
    diff: 'a CSMS that closes over it shows as close',
  },
  T7: {
    what: 'Ends the TCP connection without a close frame.',
    seenAt: 'Grizzl-E, most on mobile networks',
    record: 'a FIN stays a FIN, a reset a reset',
    replay: 'ends it the same way',
    diff: 'who ended it, and how, is compared',
  },
  T8: {
    what: 'Comes back after 3 s, 25 s, a minute, or a quarter of an hour.',
    seenAt: 'SETEC, Wallbox, Ocular, Alfen, FoxESS',
    record: 'each attempt is a connection, refused ones too',
    replay: 'after the recorded pause; `charge` has a model for each make',
    diff: 'connections are compared one by one',
  },
  T9: {
    what: 'Never pings, or never answers a ping.',
    seenAt: 'Mennekes ACU, EN+',
    record: 'no ping or pong of the recorder’s own',
    replay: 'answers pings as often as the recorded charger did: never, if it never did',
    diff: 'pings that begin, stop or change their pace are ping findings',
  },
  T10: {
    what: 'Opens a connection and closes it without a byte.',
    seenAt: 'a NewMotion unit',
    record: 'a connection of no session; the CSMS is not bothered',
    replay: 'nothing to play',
    diff: 'counted among what belongs to no session',
  },
  T11: {
    what: 'Text frames of no length.',
    seenAt: 'unnamed',
    record: 'passes; a malformed message with its own row',
    replay: 'sends it at its place',
    diff: 'counted as malformed',
  },
} as const satisfies Record<string, TransportQuirk>;
