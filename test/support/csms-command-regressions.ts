import type { Command } from './csms-behaviour.ts';
import { becameAvailable, boots, starts } from './csms-counts.ts';
import type { Payload } from './csms-judge.ts';
import { calls, command, commanded, reactions, type Switch, withField } from './csms-switch.ts';

const CLEAR_CACHE: Command = { action: 'ClearCache', payload: {} };
const rewritten = (payload: Payload, from: string, to: string): Payload =>
  JSON.parse(JSON.stringify(payload).replace(from, to)) as Payload;
const limited = (payload: Payload): Payload => rewritten(payload, '"limit":16', '"limit":8');
const isGet = (one: Command): boolean => one.action === 'GetConfiguration';

/** Commands that come otherwise: missing, unexpected, changed, in another order. */
export const IN_COMMANDS: readonly Switch[] = [
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
    'command-repeated',
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
    command('ChangeConfiguration', (old) => (old.value === '30' ? { ...old, value: '60' } : old)),
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
    'command-early',
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
  commanded(
    'charging-profile-thrice',
    'command-repeated',
    'SetChargingProfile',
    '',
    reactions('StartTransaction', (all) => [...all, ...all, ...all]),
    (log) => 2 * starts(log),
  ),
  commanded(
    'local-list-shorter',
    'array-length',
    'SendLocalList',
    '/localAuthorizationList',
    command('SendLocalList', (old) => ({
      ...old,
      localAuthorizationList: (old.localAuthorizationList as unknown[]).slice(1),
    })),
    calls(becameAvailable),
  ),
  commanded(
    'charging-schedule-longer',
    'array-length',
    'SetChargingProfile',
    '/csChargingProfiles/chargingSchedule/chargingSchedulePeriod',
    command('SetChargingProfile', (old) =>
      rewritten(old, '"limit":16}', '"limit":16},{"startPeriod":3600,"limit":8}'),
    ),
    starts,
  ),
  commanded(
    'get-configuration-keys-swapped',
    'array-order',
    'GetConfiguration',
    '/key',
    command('GetConfiguration', (old) => ({ key: (old.key as unknown[]).toReversed() })),
    boots,
  ),
  commanded(
    'charging-limit-fraction',
    'command-changed',
    'SetChargingProfile',
    '/csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit',
    command('SetChargingProfile', (old) => rewritten(old, '"limit":16', '"limit":16.1')),
    starts,
  ),
  commanded(
    'charging-profile-stack-level-huge',
    'beyond-int32',
    'SetChargingProfile',
    '/csChargingProfiles/stackLevel',
    command('SetChargingProfile', (old) => rewritten(old, '"stackLevel":1', '"stackLevel":4294967296')),
    starts,
  ),
  commanded(
    'charging-profile-of-connector-0',
    'command-changed',
    'SetChargingProfile',
    '/connectorId',
    command('SetChargingProfile', (old) => ({ ...old, connectorId: 0 })),
    starts,
  ),
  commanded(
    'reset-after-boot',
    'command-unexpected',
    'Reset',
    '',
    reactions('BootNotification', (all) => [...all, { action: 'Reset', payload: { type: 'Soft' } }]),
    boots,
  ),
  commanded(
    'setting-value-number',
    'type-changed',
    'ChangeConfiguration',
    '/value',
    command('ChangeConfiguration', (old) => (old.value === '30' ? { ...old, value: 30 } : old)),
    boots,
  ),
  commanded(
    'local-list-full',
    'command-changed',
    'SendLocalList',
    '/updateType',
    command('SendLocalList', (old) => ({ ...old, updateType: 'Full' })),
    calls(becameAvailable),
  ),
];
