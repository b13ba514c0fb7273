import { type Json, valueAt } from '../ocpp/json.ts';
import type { Connector } from './connector.ts';
import type { Outbox, Wish } from './outbox.ts';
import type { Profile, ProfileCall } from './profile.ts';
import { fillTemplate, type Values } from './template.ts';
import { writeTime } from './time-style.ts';

/** State of the control pilot (IEC 61851-1) that goes with a status; some firmware tells it. */
const PILOT: Readonly<Record<string, string>> = {
  Available: 'A',
  Preparing: 'B',
  Charging: 'C',
  SuspendedEV: 'B',
  SuspendedEVSE: 'B',
  Finishing: 'B',
};

/** What becomes of a call: its result, or null when there was none. */
type OnAnswer = (result: Json | null) => void;

/** Puts what a charger says into its profile's words, and into its outbox. */
export class Voice {
  readonly #profile: Profile;
  readonly #outbox: Outbox;
  readonly #identity: Values;
  readonly #now: () => number;

  constructor(profile: Profile, outbox: Outbox, identity: Values, now: () => number) {
    this.#profile = profile;
    this.#outbox = outbox;
    this.#identity = identity;
    this.#now = now;
  }

  /** A time as the charger writes it; `ms` since the epoch. */
  time(ms: number): string {
    return writeTime(ms, this.#profile.time);
  }

  /** The serial number that its BootNotification names, else the one that it has. */
  get serialNumber(): string {
    const boot = fillTemplate(this.#profile.boot, this.#identity);
    return String(valueAt(boot, ['chargePointSerialNumber']) ?? this.#identity.serial);
  }

  boot(onAnswer: OnAnswer): void {
    const payload = fillTemplate(this.#profile.boot, this.#identity);
    this.#say('BootNotification', () => payload, { key: 'boot', isAdmitted: true, onAnswer });
  }

  heartbeat(isAdmitted = false): void {
    this.#say('Heartbeat', () => ({}), { key: 'heartbeat', isAdmitted });
  }

  authorize(idTag: string, onAnswer: OnAnswer): void {
    this.#say('Authorize', () => ({ idTag }), { onAnswer });
  }

  /** Status of a connector; `atMs` is when it changed. Connector 0 is the charger as a whole. */
  status(
    connector: Pick<Connector, 'id' | 'errorCode'> & { status: string },
    atMs: number,
    isAdmitted = false,
  ): void {
    const values = {
      ...this.#identity,
      connectorId: connector.id,
      errorCode: connector.errorCode,
      status: connector.status,
      pilot: PILOT[connector.status],
      timestamp: this.time(atMs),
    };
    const payload = fillTemplate(this.#profile.status, values);
    this.#say('StatusNotification', () => payload, { isAdmitted });
    if (connector.id === 0) return;
    for (const { action, payload: template } of this.#profile.afterStatus) {
      const following = fillTemplate(template, values);
      this.#say(action, () => following, { isAdmitted });
    }
  }

  start(values: Values, onAnswer: OnAnswer): void {
    const payload = fillTemplate(this.#profile.start, values);
    this.#say('StartTransaction', () => payload, { isTransactional: true, onAnswer });
  }

  /** `values` is asked when it is sent: by then the id of the transaction is known, or will never be. */
  stop(values: () => Values, onAnswer: OnAnswer): void {
    this.#say('StopTransaction', () => fillTemplate(this.#profile.stop, values()), {
      isTransactional: true,
      onAnswer,
    });
  }

  /** Samples of one moment; those of a transaction are kept and sent in order. */
  meterValues(
    values: () => Values,
    { atMs, sampledValue }: { atMs: number; sampledValue: Json[] },
    how: How,
  ): void {
    const meterValue = [this.meterValue(atMs, sampledValue)];
    this.#say('MeterValues', () => fillTemplate(this.#profile.meterValues, { ...values(), meterValue }), how);
  }

  /** One element of a meterValue. */
  meterValue(atMs: number, sampledValue: Json[]): Json {
    return fillTemplate(this.#profile.meterValue, { timestamp: this.time(atMs), sampledValue });
  }

  /** What the profile says of its own accord. */
  own({ action, payload: template }: ProfileCall, nowMs: number): void {
    const payload = fillTemplate(template, { ...this.#identity, timestamp: this.time(nowMs) });
    this.#say(action, () => payload, {});
  }

  /** Something happened that may be an attack, or guards against one (Security Whitepaper §3). */
  securityEvent(type: string): void {
    this.call('SecurityEventNotification', { type, timestamp: this.time(this.#now()) });
  }

  /** Any other call. */
  call(action: string, payload: Json, how: How = {}): void {
    this.#say(action, () => payload, how);
  }

  #say(action: string, payload: () => Json, how: How): void {
    // Security events are delivered whatever happens (Security Whitepaper §3).
    const survives = action === 'SecurityEventNotification';
    const usual = { survives, isTransactional: false, isAdmitted: false, key: null, wantedMs: this.#now() };
    this.#outbox.add({ ...usual, ...how, action, payload });
  }
}

/** How a call is sent, as far as it is out of the ordinary. */
export type How = Partial<Omit<Wish, 'action' | 'payload'>>;
