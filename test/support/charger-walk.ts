import type { Act } from '../../src/charge/act.ts';
import { type ConnectorStatus, isLegal } from '../../src/charge/connector.ts';
import type { Chance } from '../../src/load/chance.ts';
import type { JsonObject } from '../../src/ocpp/json.ts';

/** Every command of OCPP 1.6 and its security extension, with a payload that the schemas allow. */
export const COMMANDS: Record<string, (chance: Chance, transactionId: number) => JsonObject> = {
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

/** What people and the weather do, at random. */
export const ACTS: readonly ((connector: number, chance: Chance) => Act)[] = [
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

/** Transitions that OCPP 1.6 §4.9 does not have, on one connection: what happened between two of them was not told. */
export function illegalSteps(calls: readonly { action: string; payload: JsonObject }[]): string[] {
  const last = new Map<unknown, ConnectorStatus>();
  return calls.flatMap(({ action, payload }) => {
    if (action !== 'StatusNotification' || payload.connectorId === 0) return [];
    const [before, status] = [last.get(payload.connectorId), payload.status as ConnectorStatus];
    last.set(payload.connectorId, status);
    return before && before !== status && !isLegal(before, status) ? [`${before} ${status}`] : [];
  });
}
