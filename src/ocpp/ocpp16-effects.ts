import { isObject, type Json, valueAt } from './json.ts';

/** What a command changes or asks about in a charger; `*` stands for all of it. */
interface Effect {
  of: readonly string[];
  writes: boolean;
}

const changes = (...of: string[]): Effect => ({ of, writes: true });
const asks = (...of: string[]): Effect => ({ of, writes: false });

/** What the commands of OCPP 1.6 change or ask about; one that is not here may change anything. */
const EFFECTS: ReadonlyMap<string, Effect> = new Map(
  Object.entries({
    CancelReservation: changes('reservations', 'connectors'),
    CertificateSigned: changes('certificates'),
    ChangeAvailability: changes('connectors'),
    ClearCache: changes('cache'),
    ClearChargingProfile: changes('profiles'),
    DeleteCertificate: changes('certificates'),
    ExtendedTriggerMessage: asks('connectors', 'settings', 'transactions', 'certificates'),
    GetCompositeSchedule: asks('profiles'),
    GetConfiguration: asks('settings'),
    GetDiagnostics: asks('logs'),
    GetInstalledCertificateIds: asks('certificates'),
    GetLocalListVersion: asks('list'),
    GetLog: asks('logs'),
    InstallCertificate: changes('certificates'),
    RemoteStartTransaction: changes('transactions', 'connectors', 'profiles'),
    RemoteStopTransaction: changes('transactions', 'connectors'),
    ReserveNow: changes('reservations', 'connectors'),
    SendLocalList: changes('list'),
    SetChargingProfile: changes('profiles'),
    SignedUpdateFirmware: changes('firmware'),
    TriggerMessage: asks('connectors', 'settings', 'transactions'),
    UnlockConnector: changes('connectors', 'transactions'),
    UpdateFirmware: changes('firmware'),
  }),
);

/** A command as far as its effect is concerned. */
export interface Asked {
  action: string;
  payload: Json;
}

/** Whether it makes a difference which of two commands comes first: one changes what the other changes or asks about. */
export function depends(one: Asked, other: Asked): boolean {
  const [left, right] = [effectOf(one), effectOf(other)];
  if (!left.writes && !right.writes) return false;
  return left.of.some((a) => right.of.some((b) => a === '*' || b === '*' || overlap(a, b)));
}

/** Settings are changed one by one and asked for one by one or all together. */
function effectOf({ action, payload }: Asked): Effect {
  const key = valueAt(payload, ['key']);
  if (action === 'ChangeConfiguration') return changes(`settings ${String(key).toLowerCase()}`);
  if (action === 'DataTransfer' && isObject(payload)) return changes(`vendor ${String(payload.vendorId)}`);
  return EFFECTS.get(action) ?? changes('*');
}

/** `settings` is all of them, `settings x` is one. */
function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);
}
