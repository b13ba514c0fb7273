import { becameAvailable, repeatedStarts, starts } from './csms-counts.ts';
import type { Payload } from './csms-judge.ts';
import { answered, calls, command, commanded, field, type Switch, withField } from './csms-switch.ts';

/** Ids that the CSMS issues or names: of another shape, used again, or never issued. */
export const IN_IDS: readonly Switch[] = [
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
    'beyond-int32',
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
    'transaction-id-fraction',
    'format-changed',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', (old) => Number(old) + 0.5),
  ),
  answered(
    'transaction-id-gone',
    'field-removed',
    'StartTransaction',
    '/transactionId',
    field('StartTransaction', 'transactionId', () => undefined),
  ),
  commanded(
    'list-version-constant',
    'id-reused',
    'SendLocalList',
    '/listVersion',
    command('SendLocalList', (old) => ({ ...old, listVersion: 5 })),
    (log) => Math.max(0, calls(becameAvailable)(log) - 1),
  ),
  commanded(
    'charging-profile-of-no-transaction',
    'id-unmapped',
    'SetChargingProfile',
    '/csChargingProfiles/transactionId',
    command('SetChargingProfile', (old) =>
      withField(old, 'csChargingProfiles', (profile) =>
        withField(profile as Payload, 'transactionId', () => 17),
      ),
    ),
    starts,
  ),
];
