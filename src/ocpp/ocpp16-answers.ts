import { type Json, valueAt } from './json.ts';
import type { DefaultAnswer } from './protocol.ts';

/** Answers that conform to the schemas, promise nothing and start nothing. */
const ANSWERS: ReadonlyMap<string, DefaultAnswer> = new Map(
  Object.entries({
    CancelReservation: status('Rejected'),
    CertificateSigned: status('Rejected'),
    ChangeAvailability: status('Rejected'),
    ChangeConfiguration: status('NotSupported'),
    ClearCache: status('Rejected'),
    ClearChargingProfile: status('Unknown'),
    DataTransfer: status('UnknownVendorId'),
    DeleteCertificate: status('NotFound'),
    ExtendedTriggerMessage: status('NotImplemented'),
    GetCompositeSchedule: status('Rejected'),
    GetDiagnostics: { result: {} },
    GetInstalledCertificateIds: status('NotFound'),
    GetLocalListVersion: { result: { listVersion: -1 } },
    GetLog: status('Rejected'),
    InstallCertificate: status('Rejected'),
    RemoteStartTransaction: status('Rejected'),
    RemoteStopTransaction: status('Rejected'),
    ReserveNow: status('Rejected'),
    Reset: status('Rejected'),
    SendLocalList: status('NotSupported'),
    SetChargingProfile: status('NotSupported'),
    SignedUpdateFirmware: status('Rejected'),
    TriggerMessage: status('NotImplemented'),
    UnlockConnector: status('NotSupported'),
    UpdateFirmware: { errorCode: 'NotSupported' },
  }),
);

function status(value: string): DefaultAnswer {
  return { result: { status: value } };
}

/** What a conforming charger that can do nothing answers to a command (OCPP 1.6 §5); an unknown one is NotImplemented. */
export function defaultAnswer(action: string, payload: Json): DefaultAnswer {
  if (action === 'GetConfiguration')
    return { result: { configurationKey: [], unknownKey: askedKeys(payload) } };
  return ANSWERS.get(action) ?? { errorCode: 'NotImplemented' };
}

function askedKeys(payload: Json): string[] {
  const keys = valueAt(payload, ['key']);
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}
