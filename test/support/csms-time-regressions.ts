import { answered, field, idTagField, type Switch } from './csms-switch.ts';

const seconds = (iso: unknown): string => String(iso).replace(/\.\d+/, '');
const moved = (iso: unknown, ms: number): string => new Date(Date.parse(String(iso)) + ms).toISOString();
const HOUR_MS = 3_600_000;

/** Times that say something else, or are written in another way. */
export const IN_TIMES: readonly Switch[] = [
  answered(
    'expiry-gone',
    'field-removed',
    'Authorize',
    '/idTagInfo/expiryDate',
    idTagField('Authorize', 'expiryDate', () => undefined),
  ),
  answered(
    'expiry-past',
    'field-changed',
    'Authorize',
    '/idTagInfo/expiryDate',
    idTagField('Authorize', 'expiryDate', () => '2020-01-01T00:00:00.000Z'),
  ),
  answered(
    'boot-time-seconds',
    'format-changed',
    'BootNotification',
    '/currentTime',
    field('BootNotification', 'currentTime', seconds),
  ),
  answered(
    'boot-time-offset',
    'format-changed',
    'BootNotification',
    '/currentTime',
    field('BootNotification', 'currentTime', (old) => String(old).replace('Z', '+00:00')),
  ),
  answered(
    'boot-time-hour-off',
    'field-changed',
    'BootNotification',
    '/currentTime',
    field('BootNotification', 'currentTime', (old) => moved(old, HOUR_MS)),
  ),
  answered(
    'heartbeat-time-minute-off',
    'field-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', (old) => moved(old, -60_000)),
  ),
  answered(
    'heartbeat-time-gone',
    'field-removed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', () => undefined),
  ),
  answered(
    'heartbeat-time-number',
    'type-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', () => 0),
  ),
  answered(
    'heartbeat-time-seconds',
    'format-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', seconds),
  ),
  answered(
    'heartbeat-time-microseconds',
    'format-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', (old) => String(old).replace('Z', '123Z')),
  ),
  answered(
    'boot-time-without-zone',
    'format-changed',
    'BootNotification',
    '/currentTime',
    field('BootNotification', 'currentTime', (old) => String(old).replace('Z', '')),
  ),
  answered(
    'heartbeat-time-with-space',
    'format-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', (old) => String(old).replace('T', ' ')),
  ),
  answered(
    'heartbeat-time-small-z',
    'format-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', (old) => String(old).toLowerCase().replace('t', 'T')),
  ),
  answered(
    'heartbeat-time-nanoseconds',
    'format-changed',
    'Heartbeat',
    '/currentTime',
    field('Heartbeat', 'currentTime', (old) => String(old).replace('Z', '123456Z')),
  ),
  answered(
    'expiry-seconds',
    'format-changed',
    'Authorize',
    '/idTagInfo/expiryDate',
    idTagField('Authorize', 'expiryDate', seconds),
  ),
  answered(
    'expiry-day',
    'format-changed',
    'Authorize',
    '/idTagInfo/expiryDate',
    idTagField('Authorize', 'expiryDate', (old) => String(old).slice(0, 10)),
  ),
];
