import type { Command } from './csms-behaviour.ts';
import type { ChargerLog, Payload, ReceivedCall } from './csms-judge.ts';
import {
  answer,
  answerTexts,
  calls,
  command,
  type Expected,
  each,
  field,
  idTagField,
  reactions,
  type Switch,
  withField,
} from './csms-switch.ts';

type Change = Switch['change'];
type Count = Expected['count'];

/** A regression seen in the answers to one action of the charger. */
const answered = (
  name: string,
  kind: string,
  action: string,
  path: string,
  change: Change,
  count?: Count,
): Switch => ({
  name,
  change,
  expected: [{ kind, caller: 'charger', action, path, count: count ?? each(action) }],
});

/** A regression seen in one command of the CSMS. */
const commanded = (
  name: string,
  kind: string,
  action: string,
  path: string,
  change: Change,
  count: Count,
): Switch => ({
  name,
  change,
  expected: [{ kind, caller: 'csms', action, path, count }],
});

/** A regression seen in the connections themselves. */
const connected = (name: string, kind: string, change: Change, count: Count): Switch => ({
  name,
  change,
  expected: [{ kind, caller: null, action: null, path: '', count }],
});

const tagStatus = (action: string, status: string): Count =>
  calls((call) => call.action === action && (call.answer?.idTagInfo as Payload)?.status === status);
const refused = calls((call) => call.action === 'StatusNotification' && 'errorCode' in (call.answer ?? {}));
const boots = each('BootNotification');
const starts = each('StartTransaction');
const repeatedStarts: Count = (log) => Math.max(0, starts(log) - 1);
const becameAvailable = ({ action, payload }: Pick<ReceivedCall, 'action' | 'payload'>): boolean =>
  action === 'StatusNotification' && payload.connectorId === 1 && payload.status === 'Available';

/** Counts the connections on which a call of this action was answered, from the given one on. */
const connectionsWith =
  (action: string, from = 1): Count =>
  (log) =>
    new Set(
      log.calls
        .filter((call) => call.action === action && call.connection >= from)
        .map((call) => call.connection),
    ).size;
const offering =
  (offers: (connection: ChargerLog['connections'][number]) => boolean): Count =>
  (log) =>
    log.connections.filter(offers).length;

const seconds = (iso: unknown): string => String(iso).replace(/\.\d+/, '');
const moved = (iso: unknown, ms: number): string => new Date(Date.parse(String(iso)) + ms).toISOString();
const HOUR_MS = 3_600_000;

const IN_ANSWERS: readonly Switch[] = [
  answered(
    'authorize-blocked',
    'field-changed',
    'Authorize',
    '/idTagInfo/status',
    idTagField('Authorize', 'status', (old) => (old === 'Accepted' ? 'Blocked' : old)),
    tagStatus('Authorize', 'Accepted'),
  ),
  answered(
    'start-blocked',
    'field-changed',
    'StartTransaction',
    '/idTagInfo/status',
    idTagField('StartTransaction', 'status', (old) => (old === 'Accepted' ? 'Blocked' : old)),
    tagStatus('StartTransaction', 'Accepted'),
  ),
  answered(
    'status-number',
    'type-changed',
    'Authorize',
    '/idTagInfo/status',
    idTagField('Authorize', 'status', () => 0),
  ),
  answered(
    'parent-id-tag',
    'field-changed',
    'Authorize',
    '/idTagInfo/parentIdTag',
    idTagField('Authorize', 'parentIdTag', () => 'GROUP-2'),
  ),
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
    'boot-interval',
    'field-changed',
    'BootNotification',
    '/interval',
    field('BootNotification', 'interval', () => 60),
  ),
  answered(
    'boot-interval-string',
    'type-changed',
    'BootNotification',
    '/interval',
    field('BootNotification', 'interval', String),
  ),
  answered(
    'boot-pending',
    'field-changed',
    'BootNotification',
    '/status',
    field('BootNotification', 'status', () => 'Pending'),
  ),
  answered(
    'boot-extra-field',
    'field-added',
    'BootNotification',
    '/heartbeatInterval',
    field('BootNotification', 'heartbeatInterval', () => 300),
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
    'heartbeat-error',
    'result-to-error',
    'Heartbeat',
    '',
    answer('Heartbeat', () => ({ errorCode: 'InternalError', description: 'database is down' })),
  ),
  answered(
    'heartbeat-twice',
    'duplicate-answer',
    'Heartbeat',
    '',
    answerTexts('Heartbeat', (texts) => [...texts, ...texts]),
  ),
  answered(
    'authorize-unanswered',
    'unanswered',
    'Authorize',
    '',
    answer('Authorize', () => 'silence'),
  ),
  answered(
    'meter-values-payload',
    'field-added',
    'MeterValues',
    '/status',
    field('MeterValues', 'status', () => 'Accepted'),
  ),
  answered(
    'stop-without-id-tag-info',
    'field-removed',
    'StopTransaction',
    '/idTagInfo',
    field('StopTransaction', 'idTagInfo', () => undefined),
  ),
  answered(
    'stop-error',
    'result-to-error',
    'StopTransaction',
    '',
    answer('StopTransaction', () => ({ errorCode: 'InternalError', description: 'no such session' })),
  ),
  answered(
    'status-error-code',
    'error-code',
    'StatusNotification',
    '',
    answer('StatusNotification', (old) => ('errorCode' in old ? { ...old, errorCode: 'GenericError' } : old)),
    refused,
  ),
  answered(
    'status-accepted',
    'error-to-result',
    'StatusNotification',
    '',
    answer('StatusNotification', (old) => ('errorCode' in old ? { result: {} } : old)),
    refused,
  ),
  answered(
    'transaction-id-string',
    'type-changed',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', String),
  ),
  answered(
    'transaction-id-negative',
    'format-changed',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', (old) => -Number(old)),
  ),
  answered(
    'transaction-id-huge',
    'format-changed',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', (old) => Number(old) + 2 ** 40),
  ),
  answered(
    'transaction-id-constant',
    'id-reused',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', () => 4711),
    repeatedStarts,
  ),
  answered(
    'transaction-id-zero',
    'format-changed',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', () => 0),
  ),
  answered(
    'authorize-status-unlisted',
    'schema',
    'Authorize',
    '/idTagInfo/status',
    idTagField('Authorize', 'status', (old) => (old === 'Accepted' ? 'accepted' : old)),
    tagStatus('Authorize', 'Accepted'),
  ),
  answered(
    'parent-id-tag-long',
    'schema',
    'Authorize',
    '/idTagInfo/parentIdTag',
    idTagField('Authorize', 'parentIdTag', () => 'P'.repeat(21)),
  ),
  answered(
    'boot-interval-fraction',
    'schema',
    'BootNotification',
    '/interval',
    field('BootNotification', 'interval', () => 300.5),
  ),
  answered(
    'boot-interval-huge',
    'schema',
    'BootNotification',
    '/interval',
    field('BootNotification', 'interval', () => 2 ** 31),
  ),
  answered(
    'boot-status-unlisted',
    'schema',
    'BootNotification',
    '/status',
    field('BootNotification', 'status', () => 'OK'),
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
    'meter-values-error',
    'result-to-error',
    'MeterValues',
    '',
    answer('MeterValues', () => ({ errorCode: 'InternalError', description: 'no' })),
  ),
  answered(
    'stop-blocked',
    'field-changed',
    'StopTransaction',
    '/idTagInfo/status',
    idTagField('StopTransaction', 'status', (old) => (old === 'Accepted' ? 'Blocked' : old)),
    tagStatus('StopTransaction', 'Accepted'),
  ),
  answered(
    'start-extra-field',
    'field-added',
    'StartTransaction',
    '/reservationId',
    field('StartTransaction', 'reservationId', () => 1),
  ),
  answered(
    'authorize-twice',
    'duplicate-answer',
    'Authorize',
    '',
    answerTexts('Authorize', (texts) => [...texts, ...texts]),
  ),
  answered(
    'stop-twice',
    'duplicate-answer',
    'StopTransaction',
    '',
    answerTexts('StopTransaction', (texts) => [...texts, ...texts]),
  ),
  answered(
    'meter-values-twice',
    'duplicate-answer',
    'MeterValues',
    '',
    answerTexts('MeterValues', (texts) => [...texts, ...texts]),
  ),
  answered(
    'authorize-empty',
    'field-removed',
    'Authorize',
    '/idTagInfo',
    field('Authorize', 'idTagInfo', () => undefined),
  ),
  {
    name: 'orphan-answer',
    change: answerTexts('BootNotification', (texts) => [...texts, '[3,"never-called",{}]']),
    expected: [{ kind: 'orphan-answer', caller: null, action: null, path: '', count: boots }],
  },
];

const CLEAR_CACHE: Command = { action: 'ClearCache', payload: {} };
const limited = (payload: Payload): Payload =>
  JSON.parse(JSON.stringify(payload).replace('"limit":16', '"limit":8')) as Payload;
const isGet = (one: Command): boolean => one.action === 'GetConfiguration';

const IN_COMMANDS: readonly Switch[] = [
  commanded(
    'change-configuration-gone',
    'command-missing',
    'ChangeConfiguration',
    '',
    reactions('BootNotification', (all) => all.filter(isGet)),
    boots,
  ),
  commanded(
    'change-configuration-twice',
    'command-unexpected',
    'ChangeConfiguration',
    '',
    reactions('BootNotification', (all) => [...all, ...all.filter((one) => !isGet(one))]),
    boots,
  ),
  commanded(
    'change-configuration-value',
    'command-changed',
    'ChangeConfiguration',
    '/value',
    command('ChangeConfiguration', (old) => ({ ...old, value: '60' })),
    boots,
  ),
  commanded(
    'get-configuration-keys',
    'command-changed',
    'GetConfiguration',
    '/key/1',
    command('GetConfiguration', () => ({ key: ['HeartbeatInterval', 'ConnectionTimeOut'] })),
    boots,
  ),
  commanded(
    'boot-commands-swapped',
    'command-order',
    'ChangeConfiguration',
    '',
    reactions('BootNotification', (all) => all.toReversed()),
    boots,
  ),
  commanded(
    'get-configuration-early',
    'command-order',
    'GetConfiguration',
    '',
    (base) => ({
      early: (call) =>
        call.action === 'BootNotification' ? base.reactions(call, { result: {} }).filter(isGet) : [],
      reactions: (call, given) => base.reactions(call, given).filter((one) => !isGet(one)),
    }),
    boots,
  ),
  commanded(
    'charging-limit',
    'command-changed',
    'SetChargingProfile',
    '/csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit',
    command('SetChargingProfile', limited),
    starts,
  ),
  commanded(
    'charging-profile-without-transaction',
    'command-changed',
    'SetChargingProfile',
    '/csChargingProfiles/transactionId',
    command('SetChargingProfile', (old) =>
      withField(old, 'csChargingProfiles', (profile) =>
        withField(profile as Payload, 'transactionId', () => undefined),
      ),
    ),
    starts,
  ),
  commanded(
    'charging-profile-gone',
    'command-missing',
    'SetChargingProfile',
    '',
    reactions('StartTransaction', () => []),
    starts,
  ),
  commanded(
    'local-list-status',
    'command-changed',
    'SendLocalList',
    '/localAuthorizationList/1/idTagInfo/status',
    command(
      'SendLocalList',
      (old) => JSON.parse(JSON.stringify(old).replace('Blocked', 'Accepted')) as Payload,
    ),
    calls(becameAvailable),
  ),
  commanded(
    'clear-cache-unexpected',
    'command-unexpected',
    'ClearCache',
    '',
    reactions('StatusNotification', (all, call) => (becameAvailable(call) ? [...all, CLEAR_CACHE] : all)),
    calls(becameAvailable),
  ),
  commanded(
    'charging-rate-unit-unlisted',
    'schema',
    'SetChargingProfile',
    '/csChargingProfiles/chargingSchedule/chargingRateUnit',
    command(
      'SetChargingProfile',
      (old) =>
        JSON.parse(
          JSON.stringify(old).replace('"chargingRateUnit":"A"', '"chargingRateUnit":"amps"'),
        ) as Payload,
    ),
    starts,
  ),
  commanded(
    'local-list-gone',
    'command-missing',
    'SendLocalList',
    '',
    reactions('StatusNotification', (all) => all.filter(({ action }) => action !== 'SendLocalList')),
    calls(becameAvailable),
  ),
  commanded(
    'get-configuration-gone',
    'command-missing',
    'GetConfiguration',
    '',
    reactions('BootNotification', (all) => all.filter((one) => !isGet(one))),
    boots,
  ),
];

const IN_CONNECTIONS: readonly Switch[] = [
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

/** Planted regressions: each is one change of the base build, and the findings it must cause, no more and no fewer. */
export const REGRESSIONS: readonly Switch[] = [...IN_ANSWERS, ...IN_COMMANDS, ...IN_CONNECTIONS];
