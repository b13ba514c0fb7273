import { connectionsWith, offering } from './csms-counts.ts';
import { connected, type Switch } from './csms-switch.ts';

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
];
