import type { Protocol } from '../ocpp/protocol.ts';
import type { PlannedConnection } from '../replay/plan.ts';
import { newConnection } from '../session/connection.ts';
import type { Profile } from './profile.ts';

/** Header lines without which there is no WebSocket (RFC 6455 §4.1); host and key are filled in when it is dialled. */
const NEEDED = [
  'Host: -',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: -',
  'Sec-WebSocket-Version: 13',
];

/** The handshake of a profile's charger: its own target and header lines. */
export function handshakeOf(profile: Profile, identity: string, protocol: Protocol): PlannedConnection {
  const target = profile.target.replaceAll('{identity}', encodeURIComponent(identity));
  const offered = profile.headers.find((line) => /^sec-websocket-protocol:/i.test(line));
  return {
    recorded: {
      ...newConnection({ id: 0, openedId: 0, openedAtUs: 0, openedMonoUs: 0 }),
      kind: 'websocket',
      target,
      requestHead: [`GET ${target} HTTP/1.1`, ...NEEDED, ...profile.headers, '', ''].join('\r\n'),
      offeredSubprotocols: offered?.replace(/^[^:]*:\s*/, '') ?? null,
    },
    protocol,
    accepted: true,
    echoesClose: true,
    closedId: null,
  };
}
