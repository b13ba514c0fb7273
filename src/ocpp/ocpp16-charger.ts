import { type Json, valueAt } from './json.ts';
import { Configuration } from './ocpp16-configuration.ts';
import { Profiles } from './ocpp16-profiles.ts';
import type { ChargerState, DefaultAnswer, Exchanged } from './protocol.ts';

/** A transaction that is running. */
interface Running {
  id: string;
  connectorId: Json;
}

/** Commands that change what GetConfiguration, GetLocalListVersion or GetCompositeSchedule tell. */
const SETTING = new Set([
  'ChangeConfiguration',
  'SendLocalList',
  'SetChargingProfile',
  'ClearChargingProfile',
]);

/** What is known of a charger of OCPP 1.6 between two messages. */
export class Charger16 implements ChargerState {
  readonly #configuration = new Configuration();
  readonly #profiles = new Profiles();
  /** Version of the local list; null while nothing says that there is one. */
  #listVersion: number | bigint | null = null;
  #takesProfiles = false;
  #connectors = 0;
  readonly #status = new Map<Json, string>();
  /** Connector by reservation. */
  readonly #reservations = new Map<Json, Json>();
  #running: Running[] = [];
  #hasAskedToSign = false;

  recall({ caller, action, call, result }: Exchanged): void {
    const connector = valueAt(call, ['connectorId']);
    if (caller === 'charger' && typeof connector === 'number')
      this.#connectors = Math.max(this.#connectors, connector);
    const status = valueAt(result, ['status']);
    if (action === 'GetConfiguration') this.#configuration.recall(result);
    else if (action === 'ChangeConfiguration' && isTaken(status)) this.#recallKey(call);
    else if (action === 'SendLocalList' && status === 'Accepted') this.#listVersion ??= 0;
    else if (action === 'SetChargingProfile' && status === 'Accepted') this.#takesProfiles = true;
    else if (action === 'GetLocalListVersion') {
      const version = versionOf(result);
      if (version >= 0) this.#listVersion ??= version;
    }
  }

  learn({ caller, action, call, result }: Exchanged): boolean {
    if (caller === 'charger') this.#said(action, call, result);
    else if (isTaken(valueAt(result, ['status']))) {
      this.#obeyed(action, call);
      return SETTING.has(action);
    }
    return false;
  }

  answer(action: string, payload: Json, nowMs: number): DefaultAnswer | null {
    const say = (status: string | null) => (status === null ? null : { result: { status } });
    switch (action) {
      case 'CancelReservation':
        return say(this.#reservations.has(idOf(payload, 'reservationId')) ? 'Accepted' : 'Rejected');
      case 'CertificateSigned':
        return say(this.#hasAskedToSign ? 'Accepted' : 'Rejected');
      case 'ChangeAvailability':
        return say(this.#availability(payload));
      case 'ChangeConfiguration':
        return say(this.#configuration.judge(textOf(payload, 'key'), textOf(payload, 'value')));
      case 'ClearCache':
        return say(
          this.#configuration.valueOf('AuthorizationCacheEnabled')?.toLowerCase() === 'true'
            ? 'Accepted'
            : 'Rejected',
        );
      case 'ClearChargingProfile':
        return say(this.#profiles.has(payload) ? 'Accepted' : 'Unknown');
      case 'GetCompositeSchedule':
        return this.#schedule(payload, nowMs);
      case 'GetConfiguration':
        return { result: this.#configuration.read(keysOf(payload)) };
      case 'GetLocalListVersion':
        return { result: { listVersion: this.#version() } };
      case 'RemoteStopTransaction':
        return say(this.#isRunning(idOf(payload, 'transactionId')) ? 'Accepted' : 'Rejected');
      case 'ReserveNow':
        return say(this.#reservation(payload));
      case 'SendLocalList':
        return say(this.#list(payload));
      case 'SetChargingProfile':
        return say(this.#profile(payload));
      case 'UnlockConnector':
        return say(this.#unlocking(payload));
      default:
        return null;
    }
  }

  #recallKey(call: Json): void {
    const key = textOf(call, 'key');
    if (this.#configuration.judge(key, '0') === 'NotSupported') this.#configuration.set(key, null);
  }

  /** The charger said something, and the CSMS has answered it. */
  #said(action: string, call: Json, result: Json): void {
    const connectorId = valueAt(call, ['connectorId']) ?? 0;
    if (typeof connectorId === 'number') this.#connectors = Math.max(this.#connectors, connectorId);
    if (action === 'StatusNotification') this.#status.set(connectorId, textOf(call, 'status'));
    else if (action === 'StartTransaction') {
      this.#running.push({ id: idOf(result, 'transactionId'), connectorId });
      this.#reservations.delete(idOf(call, 'reservationId'));
    } else if (action === 'StopTransaction') {
      const ended = this.#running.find(({ id }) => id === idOf(call, 'transactionId'));
      this.#running = this.#running.filter((one) => one !== ended);
      if (ended) this.#profiles.end(ended.connectorId);
    } else if (action === 'SignCertificate') this.#hasAskedToSign = true;
  }

  /** The charger has agreed to a command. */
  #obeyed(action: string, call: Json): void {
    const connectorId = valueAt(call, ['connectorId']) ?? 0;
    if (action === 'ChangeConfiguration') this.#configuration.set(textOf(call, 'key'), textOf(call, 'value'));
    else if (action === 'SendLocalList') this.#listVersion = versionOf(call);
    else if (action === 'ReserveNow') this.#reservations.set(idOf(call, 'reservationId'), connectorId);
    else if (action === 'CancelReservation') this.#reservations.delete(idOf(call, 'reservationId'));
    else if (action === 'ClearChargingProfile') this.#profiles.clear(call);
    else if (action === 'SetChargingProfile')
      this.#profiles.set(connectorId, valueAt(call, ['csChargingProfiles']) ?? null);
    else if (action === 'RemoteStartTransaction') {
      const profile = valueAt(call, ['chargingProfile']);
      if (profile !== undefined) this.#profiles.set(connectorId, profile);
    } else if (action === 'ChangeAvailability' && connectorId !== 0)
      this.#status.set(connectorId, textOf(call, 'type') === 'Inoperative' ? 'Unavailable' : 'Available');
  }

  /** Scheduled while a transaction runs there (OCPP 1.6 §5.2). */
  #availability(payload: Json): string {
    if (!this.#hasConnector(payload, 0)) return 'Rejected';
    const isBusy = this.#runsOn(valueAt(payload, ['connectorId']));
    return isBusy && textOf(payload, 'type') === 'Inoperative' ? 'Scheduled' : 'Accepted';
  }

  /** OCPP 1.6 §5.13; connector 0 stands for any, where that is supported. */
  #reservation(payload: Json): string {
    const connectorId = valueAt(payload, ['connectorId']);
    if (!this.#hasConnector(payload, 0)) return 'Rejected';
    if (connectorId === 0) {
      const supported = this.#configuration.valueOf('ReserveConnectorZeroSupported');
      return supported?.toLowerCase() === 'true' ? 'Accepted' : 'Rejected';
    }
    const status = this.#status.get(connectorId ?? 0);
    if (status === 'Faulted' || status === 'Unavailable') return status;
    const isReplaced = this.#reservations.get(idOf(payload, 'reservationId')) === connectorId;
    const isFree = status === undefined || status === 'Available' || (status === 'Reserved' && isReplaced);
    return isFree && !this.#runsOn(connectorId) ? 'Accepted' : 'Occupied';
  }

  /** A differential update must be newer than the list (OCPP 1.6 §5.15). */
  #list(payload: Json): string {
    if (!this.#hasList()) return 'NotSupported';
    const isNewer = versionOf(payload) > (this.#listVersion ?? 0);
    return textOf(payload, 'updateType') === 'Differential' && !isNewer ? 'VersionMismatch' : 'Accepted';
  }

  #hasList(): boolean {
    const enabled = this.#configuration.valueOf('LocalAuthListEnabled')?.toLowerCase();
    if (enabled !== undefined) return enabled === 'true';
    const listed = this.#configuration.lists('SupportedFeatureProfiles', 'LocalAuthListManagement');
    return this.#listVersion !== null || listed === true;
  }

  /** 0 for an empty list, -1 for none at all (OCPP 1.6 §5.10). */
  #version(): number | bigint {
    return this.#listVersion ?? (this.#hasList() ? 0 : -1);
  }

  /** A TxProfile needs its transaction, a ChargePointMaxProfile connector 0 (OCPP 1.6 §5.16). */
  #profile(payload: Json): string {
    const supported = this.#configuration.lists('SupportedFeatureProfiles', 'SmartCharging');
    if (!(supported ?? this.#takesProfiles)) return 'NotSupported';
    if (!this.#hasConnector(payload, 0)) return 'Rejected';
    const connectorId = valueAt(payload, ['connectorId']);
    const purpose = valueAt(payload, ['csChargingProfiles', 'chargingProfilePurpose']);
    if (purpose === 'ChargePointMaxProfile') return connectorId === 0 ? 'Accepted' : 'Rejected';
    if (purpose !== 'TxProfile') return 'Accepted';
    const named = valueAt(payload, ['csChargingProfiles', 'transactionId']);
    const running = this.#running.find((one) => one.connectorId === connectorId);
    const isMeant = named === undefined || running?.id === String(named);
    return running !== undefined && isMeant ? 'Accepted' : 'Rejected';
  }

  /** The ruling profile's own schedule, for the time asked (OCPP 1.6 §5.7). */
  #schedule(payload: Json, nowMs: number): DefaultAnswer {
    const unit = valueAt(payload, ['chargingRateUnit']);
    if (unit !== undefined && unit !== 'A' && unit !== 'W')
      return { errorCode: 'PropertyConstraintViolation' };
    const connectorId = valueAt(payload, ['connectorId']);
    const ruling = typeof connectorId === 'number' ? this.#profiles.ruling(connectorId) : undefined;
    const periods = ruling === undefined ? undefined : valueAt(ruling, ['chargingSchedulePeriod']);
    const isAsked = unit === undefined || unit === valueAt(ruling ?? null, ['chargingRateUnit']);
    if (!Array.isArray(periods) || typeof connectorId !== 'number' || !isAsked)
      return { result: { status: 'Rejected' } };
    const duration = Number(valueAt(payload, ['duration']) ?? 0);
    const chargingSchedulePeriod = periods.filter((one) => Number(valueAt(one, ['startPeriod'])) < duration);
    const chargingRateUnit = valueAt(ruling ?? null, ['chargingRateUnit']) ?? 'A';
    const scheduleStart = new Date(nowMs).toISOString();
    const chargingSchedule = { duration, chargingRateUnit, chargingSchedulePeriod };
    return { result: { status: 'Accepted', connectorId, scheduleStart, chargingSchedule } };
  }

  /** Without a transaction on it (OCPP 1.6 §5.18); a virtual one is not stopped for it. */
  #unlocking(payload: Json): string {
    if (!this.#hasConnector(payload, 1)) return 'NotSupported';
    return this.#runsOn(valueAt(payload, ['connectorId'])) ? 'UnlockFailed' : 'Unlocked';
  }

  #hasConnector(payload: Json, lowest: number): boolean {
    const connectorId = valueAt(payload, ['connectorId']);
    const known = Number(this.#configuration.valueOf('NumberOfConnectors') ?? 0);
    const highest = Math.max(1, this.#connectors, Number.isFinite(known) ? known : 0);
    return typeof connectorId === 'number' && connectorId >= lowest && connectorId <= highest;
  }

  #runsOn(connectorId: Json | undefined): boolean {
    return this.#running.some((one) => connectorId === 0 || one.connectorId === connectorId);
  }

  #isRunning(id: string): boolean {
    return this.#running.some((one) => one.id === id);
  }
}

function isTaken(status: Json | undefined): boolean {
  return status === 'Accepted' || status === 'RebootRequired';
}

/** An id as text, so that a string and a number of the same digits are one. */
function idOf(payload: Json, field: string): string {
  return String(valueAt(payload, [field]) ?? '');
}

function textOf(payload: Json, field: string): string {
  const value = valueAt(payload, [field]);
  return typeof value === 'string' ? value : '';
}

function versionOf(payload: Json): number | bigint {
  const version = valueAt(payload, ['listVersion']);
  return typeof version === 'number' || typeof version === 'bigint' ? version : 0;
}

function keysOf(payload: Json): string[] {
  const keys = valueAt(payload, ['key']);
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}
