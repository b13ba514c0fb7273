import type { Side } from './message.ts';

/** What Chargetape knows of an action: who calls it, and how its exchanges are told apart. */
export interface Action {
  caller: Side | 'both';
  /**
   * Fields that identify a call among others of its action. Ids that the CSMS issues are never among them: they differ from run
   * to run.
   */
  key: readonly string[];
  /** Started by an operator, app or cron, not by what the charger did. */
  external: boolean;
  /** Its answer may make the CSMS send a command. */
  stimulates: boolean;
}

function fromCharger(...key: string[]): Action {
  return { caller: 'charger', key, external: false, stimulates: false };
}

function stimulus(...key: string[]): Action {
  return { ...fromCharger(...key), stimulates: true };
}

function fromCsms(...key: string[]): Action {
  return { caller: 'csms', key, external: false, stimulates: false };
}

function external(...key: string[]): Action {
  return { ...fromCsms(...key), external: true };
}

/** The 28 actions of OCPP 1.6 (§4, §5) and the 11 of its security extension (Security Whitepaper edition 3 §4, §5). */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    Authorize: fromCharger('idTag'),
    BootNotification: stimulus(),
    DataTransfer: { ...stimulus('vendorId', 'messageId'), caller: 'both' },
    DiagnosticsStatusNotification: fromCharger('status'),
    FirmwareStatusNotification: fromCharger('status'),
    Heartbeat: fromCharger(),
    LogStatusNotification: fromCharger('status'),
    MeterValues: fromCharger('connectorId'),
    SecurityEventNotification: fromCharger('type'),
    SignCertificate: fromCharger(),
    SignedFirmwareStatusNotification: fromCharger('status'),
    StartTransaction: stimulus('connectorId', 'idTag'),
    StatusNotification: stimulus('connectorId', 'status'),
    StopTransaction: fromCharger(),

    CancelReservation: external(),
    CertificateSigned: fromCsms(),
    ChangeAvailability: fromCsms('connectorId'),
    ChangeConfiguration: fromCsms('key'),
    ClearCache: fromCsms(),
    ClearChargingProfile: fromCsms('connectorId', 'chargingProfilePurpose'),
    DeleteCertificate: fromCsms(),
    ExtendedTriggerMessage: external('requestedMessage', 'connectorId'),
    GetCompositeSchedule: fromCsms('connectorId'),
    GetConfiguration: fromCsms(),
    GetDiagnostics: external(),
    GetInstalledCertificateIds: fromCsms('certificateType'),
    GetLocalListVersion: fromCsms(),
    GetLog: external('logType'),
    InstallCertificate: fromCsms('certificateType'),
    RemoteStartTransaction: external('connectorId', 'idTag'),
    RemoteStopTransaction: external(),
    ReserveNow: external('connectorId', 'idTag'),
    Reset: external(),
    SendLocalList: fromCsms(),
    SetChargingProfile: fromCsms('connectorId', 'csChargingProfiles.chargingProfilePurpose'),
    SignedUpdateFirmware: external(),
    TriggerMessage: external('requestedMessage', 'connectorId'),
    UnlockConnector: external('connectorId'),
    UpdateFirmware: external(),
  } satisfies Record<string, Action>),
);
