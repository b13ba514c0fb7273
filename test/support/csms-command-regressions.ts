import type { Command } from './csms-behaviour.ts';
import { becameAvailable, boots, starts } from './csms-counts.ts';
import type { Payload } from './csms-judge.ts';
import { calls, command, commanded, reactions, type Switch, withField } from './csms-switch.ts';

const CLEAR_CACHE: Command = { action: 'ClearCache', payload: {} };
const limited = (payload: Payload): Payload =>
  JSON.parse(JSON.stringify(payload).replace('"limit":16', '"limit":8')) as Payload;
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
];
