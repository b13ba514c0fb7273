import { type Json, valueAt, writeJson } from './json.ts';
import type { Part, Site, Standing, TagVerdict } from './protocol.ts';

function site(action: string, part: Part, path: string): Site {
  return { action, part, path: path.split('.') };
}

/** Every place of OCPP 1.6 where an idTag stands, parents included (§7.8, §7.28). */
export const TAG_SITES: readonly Site[] = [
  ...['Authorize', 'StartTransaction', 'StopTransaction', 'RemoteStartTransaction', 'ReserveNow'].map(
    (action) => site(action, 'call', 'idTag'),
  ),
  site('ReserveNow', 'call', 'parentIdTag'),
  site('SendLocalList', 'call', 'localAuthorizationList.*.idTag'),
  site('SendLocalList', 'call', 'localAuthorizationList.*.idTagInfo.parentIdTag'),
  ...['Authorize', 'StartTransaction', 'StopTransaction'].map((action) =>
    site(action, 'result', 'idTagInfo.parentIdTag'),
  ),
];

/** Serial numbers that many vendors set to the identity (OCPP 1.6 §6.3). */
export const IDENTITY_SITES: readonly Site[] = [
  site('BootNotification', 'call', 'chargePointSerialNumber'),
  site('BootNotification', 'call', 'chargeBoxSerialNumber'),
  site('BootNotification', 'call', 'meterSerialNumber'),
];

/** What the CSMS says of the tag that a call names (OCPP 1.6 §7.9); null for a call without one, or without a verdict on it. */
export function tagVerdict(call: Json, result: Json): TagVerdict | null {
  const [tag, status] = [valueAt(call, ['idTag']), valueAt(result, ['idTagInfo', 'status'])];
  const parent = valueAt(result, ['idTagInfo', 'parentIdTag']);
  if (typeof tag !== 'string' || typeof status !== 'string') return null;
  return { tag, status, parent: typeof parent === 'string' ? parent : null };
}

/** The connector that a call is about; null for one that is about none. */
export function connectorOf(call: Json): number | null {
  const connector = valueAt(call, ['connectorId']);
  return typeof connector === 'number' ? connector : null;
}

/** Actions that `standing` has something to say of. */
export const LASTING: ReadonlySet<string> = new Set([
  'BootNotification',
  'StatusNotification',
  'StartTransaction',
  'StopTransaction',
  'ReserveNow',
  'CancelReservation',
  'SendLocalList',
  'SetChargingProfile',
  'ClearChargingProfile',
  'ChangeConfiguration',
  'GetConfiguration',
]);

/**
 * What an answered call makes true, or ends. At the CSMS: that it knows the charger, a connector's status, a transaction. At the charger:
 * a reservation, its local list, a charging profile, a setting; and what it told of its settings.
 */
export function standing(action: string, call: Json, result: Json): readonly Standing[] {
  const isAccepted = valueAt(result, ['status']) === 'Accepted';
  switch (action) {
    case 'BootNotification':
      return isAccepted ? [{ key: 'boot', kind: 'introduction', ends: false }] : [];
    case 'StatusNotification':
      return [connectorStatus(call)];
    case 'StartTransaction':
      return [...transactionOf(result, false), ...reservationOf(call, true)];
    case 'StopTransaction':
      return transactionOf(call, true);
    case 'ReserveNow':
      return isAccepted ? reservationOf(call, false) : [];
    case 'CancelReservation':
      return isAccepted ? reservationOf(call, true) : [];
    default:
      return isAccepted || action === 'GetConfiguration' ? settingOf(action, call) : [];
  }
}

/** What a command that the charger agreed to leaves it with. */
function settingOf(action: string, call: Json): Standing[] {
  const held = (key: string, ends = false): Standing[] => [{ key, kind: 'command', ends }];
  switch (action) {
    case 'SendLocalList':
      return held('local list');
    case 'SetChargingProfile': {
      const profile = valueAt(call, ['csChargingProfiles']) ?? null;
      return held(keyOf('profile', profile, 'chargingProfileId'));
    }
    case 'ClearChargingProfile':
      return held(keyOf('profile', call, 'id'), true);
    case 'ChangeConfiguration':
      return held(keyOf('setting', call, 'key'));
    case 'GetConfiguration':
      return held(keyOf('settings', call, 'key'));
    default:
      return [];
  }
}

function reservationOf(payload: Json, ends: boolean): Standing[] {
  if (valueAt(payload, ['reservationId']) === undefined) return [];
  const expiry = valueAt(payload, ['expiryDate']);
  const untilMs = typeof expiry === 'string' ? Date.parse(expiry) : Number.NaN;
  const key = keyOf('reservation', payload, 'reservationId');
  return [{ key, kind: 'command', ends, ...(Number.isFinite(untilMs) && { untilMs }) }];
}

function keyOf(what: string, payload: Json, field: string): string {
  return `${what} ${writeJson(valueAt(payload, [field]) ?? null).toLowerCase()}`;
}

function connectorStatus(call: Json): Standing {
  const says = String(valueAt(call, ['status']) ?? '');
  const isFault = says === 'Faulted';
  return { key: keyOf('connector', call, 'connectorId'), kind: 'status', ends: false, says, isFault };
}

function transactionOf(payload: Json, ends: boolean): Standing[] {
  const id = valueAt(payload, ['transactionId']);
  if (id === undefined || id === null || isRefused(payload, id)) return [];
  return [{ key: `transaction ${String(id)}`, kind: 'transaction', ends, says: String(id) }];
}

/** A refused tag with no id above 0 got no transaction at all, as some CSMSs have it. */
function isRefused(payload: Json, id: Json): boolean {
  const status = valueAt(payload, ['idTagInfo', 'status']);
  return status !== undefined && status !== 'Accepted' && Number(id) <= 0;
}

/** The call that ends what such a call made true; null when there is nothing to end. `told` is the time and the meter that it tells. */
export function undoing(
  action: string,
  call: Json,
  result: Json,
  told: { at: Date; meterWh: number | null },
): { action: string; payload: Json } | null {
  const timestamp = told.at.toISOString();
  if (action === 'StartTransaction') {
    const transactionId = valueAt(result, ['transactionId']) ?? 0;
    const meterStart = valueAt(call, ['meterStart']) ?? 0;
    const meterStop = told.meterWh !== null && Number(meterStart) <= told.meterWh ? told.meterWh : meterStart;
    return { action: 'StopTransaction', payload: { transactionId, timestamp, meterStop, reason: 'Other' } };
  }
  if (action !== 'StatusNotification' || valueAt(call, ['status']) === 'Available') return null;
  const connectorId = valueAt(call, ['connectorId']) ?? 0;
  return { action, payload: { connectorId, status: 'Available', errorCode: 'NoError', timestamp } };
}

/** A BootNotification for a charger whose own was never recorded (OCPP 1.6 §6.3); vendor and model where known. */
export function introduction(vendor: string | null, model: string | null): { action: string; payload: Json } {
  const payload = {
    chargePointVendor: (vendor ?? 'unknown').slice(0, 20),
    chargePointModel: (model ?? 'unknown').slice(0, 20),
  };
  return { action: 'BootNotification', payload };
}
