import { connectionsWith, offering } from './csms-counts.ts';
import { connected, type Switch } from './csms-switch.ts';

/** The chargers that ping, and on how many connections. */
const PINGING = new Map([
  ['GO-CP-1', 1],
  ['MO-0002', 2],
  ['OO-CP-1', 1],
  ['SAP-MH', 1],
]);

/** Connections that are accepted, kept or ended otherwise. */
export const IN_CONNECTIONS: readonly Switch[] = [
  connected(
    'subprotocol-gone',
    'subprotocol',
    () => ({ echoesSubprotocol: false }),
    offering(({ protocols }) => protocols.includes('ocpp1.6')),
  ),
  connected(
    'deflate-gone',
    'extensions',
    () => ({ deflates: false }),
    offering(({ extensions }) => extensions.includes('permessage-deflate')),
  ),
  connected(
    'close-after-stop',
    'close',
    () => ({
      endAfter: ({ action }) => (action === 'StopTransaction' ? { code: 1008, reason: 'policy' } : null),
    }),
    connectionsWith('StopTransaction'),
  ),
  connected(
    'drop-after-stop',
    'close',
    () => ({ endAfter: ({ action }) => (action === 'StopTransaction' ? 'drop' : null) }),
    connectionsWith('StopTransaction'),
  ),
  connected(
    'close-on-second-boot',
    'close',
    () => ({
      endAfter: ({ action, connection }) =>
        action === 'BootNotification' && connection > 1 ? { code: 4000, reason: 'again' } : null,
    }),
    connectionsWith('BootNotification', 2),
  ),
  connected(
    'reset-after-stop',
    'close',
    () => ({ endAfter: ({ action }) => (action === 'StopTransaction' ? 'reset' : null) }),
    connectionsWith('StopTransaction'),
  ),
  connected(
    'close-1000-after-stop',
    'close',
    () => ({ endAfter: ({ action }) => (action === 'StopTransaction' ? { code: 1000, reason: '' } : null) }),
    connectionsWith('StopTransaction'),
  ),
  connected(
    'pings-begin',
    'ping',
    () => ({ pingEveryMs: 300 }),
    offering(() => true),
    '/interval',
  ),
  connected(
    'pongs-gone',
    'ping',
    () => ({ pongs: false }),
    ({ identity }) => PINGING.get(identity) ?? 0,
    '/pong',
  ),
  connected(
    'cookie-set',
    'header',
    () => ({ headers: ['Set-Cookie: AWSALB=abc; Path=/'] }),
    offering(() => true),
    '/set-cookie',
  ),
  connected(
    'content-length',
    'header',
    () => ({ headers: ['Content-Length: 0'] }),
    offering(() => true),
    '/content-length',
  ),
  connected(
    'deflate-without-takeover',
    'extensions',
    () => ({ deflates: { serverNoContextTakeover: true } }),
    offering(({ extensions }) => extensions.includes('permessage-deflate')),
  ),
  {
    ...connected(
      'second-connection-refused',
      'handshake-status',
      () => ({ status: (_identity, nth) => (nth > 1 ? 503 : 101) }),
      (log) => Math.max(0, log.connections.length - 1),
    ),
    incomplete: true,
  },
  {
    ...connected(
      'handshake-404',
      'handshake-status',
      () => ({ status: () => 404 }),
      offering(() => true),
    ),
    incomplete: true,
  },
  {
    ...connected(
      'handshake-401',
      'handshake-status',
      () => ({ status: () => 401 }),
      offering(() => true),
    ),
    incomplete: true,
  },
  connected(
    'header-names-small',
    'header',
    () => ({ head: (lines) => lines.map((line) => line.replace(/^[^:]+:/, (name) => name.toLowerCase())) }),
    offering(() => true),
  ),
  connected(
    'upgrade-value-case',
    'header',
    () => ({
      head: (lines) => lines.map((line) => line.replace('Upgrade: websocket', 'Upgrade: WebSocket')),
    }),
    offering(() => true),
    '/upgrade',
  ),
  connected(
    'close-4000-after-stop',
    'close',
    () => ({
      endAfter: ({ action }) => (action === 'StopTransaction' ? { code: 4000, reason: 'bye' } : null),
    }),
    connectionsWith('StopTransaction'),
  ),
];
