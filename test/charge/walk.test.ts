import { describe, expect, it } from 'vitest';
import type { Act } from '../../src/charge/act.ts';
import { Chance } from '../../src/charge/chance.ts';
import { type ConnectorStatus, isLegal } from '../../src/charge/connector.ts';
import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import type { JsonObject } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { Desk, elementsOf } from '../support/charger-desk.ts';
import { schemaErrors } from '../support/schema-errors.ts';

const BEGIN_MS = Date.parse('2026-03-02T07:00:00.000Z');
const STEPS = 10_000;

/** Every command of OCPP 1.6 and its security extension, with a payload that the schemas allow. */
const COMMANDS: Record<string, (chance: Chance, transactionId: number) => JsonObject> = {
  CancelReservation: () => ({ reservationId: 1 }),
  CertificateSigned: () => ({ certificateChain: 'PEM' }),
  ChangeAvailability: (chance) => ({
    connectorId: chance.whole(0, 2),
    type: chance.pick(['Operative', 'Operative', 'Inoperative']),
  }),
  ChangeConfiguration: (chance) => ({
    key: chance.pick(['MeterValueSampleInterval', 'HeartbeatInterval', 'NoSuchKey']),
    value: chance.pick(['30', '60', '']),
  }),
  ClearCache: () => ({}),
  ClearChargingProfile: () => ({}),
  DataTransfer: () => ({ vendorId: 'x' }),
  DeleteCertificate: () => ({
    certificateHashData: {
      hashAlgorithm: 'SHA256',
      issuerNameHash: 'a',
      issuerKeyHash: 'b',
      serialNumber: 'c',
    },
  }),
  ExtendedTriggerMessage: (chance) => ({
    requestedMessage: chance.pick([
      'BootNotification',
      'LogStatusNotification',
      'MeterValues',
      'SignChargePointCertificate',
    ]),
  }),
  GetCompositeSchedule: () => ({ connectorId: 1, duration: 60 }),
  GetConfiguration: (chance) => chance.pick<JsonObject>([{}, { key: ['HeartbeatInterval', 'NoSuchKey'] }]),
  GetDiagnostics: () => ({ location: 'ftp://example/' }),
  GetInstalledCertificateIds: () => ({ certificateType: 'CentralSystemRootCertificate' }),
  GetLocalListVersion: () => ({}),
  GetLog: (chance) => ({
    log: { remoteLocation: 'ftp://example/' },
    logType: 'SecurityLog',
    requestId: chance.whole(1, 99),
  }),
  InstallCertificate: () => ({ certificateType: 'CentralSystemRootCertificate', certificate: 'PEM' }),
  RemoteStartTransaction: (chance) => ({ idTag: 'APP', connectorId: chance.whole(1, 2) }),
  RemoteStopTransaction: (_chance, transactionId) => ({ transactionId }),
  ReserveNow: (chance) => ({
    connectorId: chance.whole(0, 2),
    expiryDate: '2026-03-02T19:00:00Z',
    idTag: 'APP',
    reservationId: 1,
  }),
  Reset: (chance) => ({ type: chance.pick(['Soft', 'Hard']) }),
  SendLocalList: (chance) => ({
    listVersion: chance.whole(1, 9),
    updateType: chance.pick(['Full', 'Differential']),
  }),
  SetChargingProfile: (chance) => ({
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Relative',
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: chance.pick([0, 6, 16]) }],
      },
    },
  }),
  SignedUpdateFirmware: (chance) => ({
    requestId: chance.whole(1, 99),
    firmware: {
      location: 'ftp://example/',
      retrieveDateTime: '2026-03-02T07:00:00Z',
      signingCertificate: 'PEM',
      signature: 'x',
    },
  }),
  TriggerMessage: (chance) => ({
    requestedMessage: chance.pick([
      'BootNotification',
      'DiagnosticsStatusNotification',
      'FirmwareStatusNotification',
      'Heartbeat',
      'MeterValues',
      'StatusNotification',
    ]),
  }),
  UnlockConnector: (chance) => ({ connectorId: chance.whole(1, 2) }),
  UpdateFirmware: () => ({ location: 'ftp://example/', retrieveDate: '2026-03-02T07:00:00Z' }),
};

const ACTS: readonly ((connector: number, chance: Chance) => Act)[] = [
  (connector) => ({ kind: 'plug', connector }),
  (connector) => ({ kind: 'unplug', connector }),
  (connector, chance) => ({ kind: 'tap', connector, tag: chance.pick(['APP', '04ABBE2A']) }),
  (connector) => ({ kind: 'suspend', connector, by: 'SuspendedEV' }),
  (connector) => ({ kind: 'suspend', connector, by: 'SuspendedEVSE' }),
  (connector) => ({ kind: 'resume', connector }),
  (connector) => ({ kind: 'fault', connector, errorCode: 'OtherError' }),
  (connector) => ({ kind: 'clear', connector }),
  (_connector, chance) => ({ kind: 'drop', forMs: chance.whole(0, 60_000) }),
  (_connector, chance) => ({ kind: 'power', forMs: chance.whole(0, 60_000) }),
];

/** A random life of so many steps; the desk has what the charger said, `answered` the answers to commands. */
function walk(profile: string, seed: number, steps: number) {
  const chance = new Chance(seed);
  const made = readProfile(profile);
  const desk = new Desk({
    profile: made,
    protocol: ocpp16,
    identity: 'CP-1',
    number: 1,
    seed,
    nowMs: BEGIN_MS,
  });
  const answered: { action: string; answer: ReturnType<Desk['command']> }[] = [];
  const names = Object.keys(COMMANDS);
  for (let step = 0; step < steps; step++) {
    desk.run(chance.whole(0, 40));
    if (chance.happens(0.5)) desk.act(chance.pick(ACTS)(chance.whole(1, made.connectors), chance));
    else {
      const action = chance.pick(names);
      answered.push({ action, answer: desk.command(action, COMMANDS[action]!(chance, desk.transactionId)) });
    }
  }
  return { desk, answered };
}

/** Transitions that OCPP 1.6 §4.9 does not have, on one connection: what happened between two of them was not told. */
function illegalSteps(calls: readonly { action: string; payload: JsonObject }[]): string[] {
  const last = new Map<unknown, ConnectorStatus>();
  return calls.flatMap(({ action, payload }) => {
    if (action !== 'StatusNotification' || payload.connectorId === 0) return [];
    const [before, status] = [last.get(payload.connectorId), payload.status as ConnectorStatus];
    last.set(payload.connectorId, status);
    return before && before !== status && !isLegal(before, status) ? [`${before} ${status}`] : [];
  });
}

describe('a random life', () => {
  it(`of ${STEPS} steps is schema-valid and legal throughout, and every command is answered as its schema says`, () => {
    const { desk, answered } = walk('schneider-evlink', 1, STEPS);
    const calls = desk.connections.map((texts) =>
      texts.map(elementsOf).flatMap(([type, , action, payload]) => {
        return type === 2 ? [{ action: action as string, payload: payload as JsonObject }] : [];
      }),
    );
    const broken = new Set<string>();
    for (const { action, payload } of calls.flat()) {
      for (const place of schemaErrors(action, 'call', payload)) broken.add(`${action} ${place}`);
    }
    const results = answered.flatMap(({ action, answer }) => (answer === null ? [] : [{ action, answer }]));
    for (const { action, answer } of results) {
      if ('errorCode' in (answer as JsonObject)) continue;
      for (const place of schemaErrors(action, 'result', answer)) broken.add(`${action} answer ${place}`);
    }
    expect([...broken]).toEqual([]);
    expect(calls.flatMap(illegalSteps)).toEqual([]);
    expect([...new Set(results.map(({ action }) => action))].sort()).toEqual(Object.keys(COMMANDS).sort());
    expect(desk.actions.filter((action) => action === 'StartTransaction').length).toBeGreaterThan(50);
  });

  it.each(profileNames())('is the same one to the letter for the same seed: %s', (profile) => {
    expect(walk(profile, 3, 100).desk.texts).toEqual(walk(profile, 3, 100).desk.texts);
    expect(walk(profile, 4, 100).desk.texts).not.toEqual(walk(profile, 3, 100).desk.texts);
  });
});
