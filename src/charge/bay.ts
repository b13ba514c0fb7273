import type { Chance } from '../load/chance.ts';
import { type Json, valueAt } from '../ocpp/json.ts';
import type { Agenda } from './agenda.ts';
import { Connector, type ConnectorStatus } from './connector.ts';
import { Meter } from './meter.ts';
import type { Profile } from './profile.ts';
import type { Settings } from './settings.ts';
import type { Voice } from './voice.ts';

/** A transaction of one connector. */
interface Transaction {
  tag: string;
  /** What the CSMS called it; null until it did. -1 when it never will (OCPP 1.6 errata, §3.18). */
  id: Json;
  begin: { atMs: number; sampledValue: Json[] };
  meterStart: number;
  isSuspendedByTag: boolean;
}

/** Why a transaction ends (OCPP 1.6 §7.36). */
export type StopReason =
  | 'DeAuthorized'
  | 'EmergencyStop'
  | 'EVDisconnected'
  | 'HardReset'
  | 'Local'
  | 'Other'
  | 'PowerLoss'
  | 'Reboot'
  | 'Remote'
  | 'SoftReset'
  | 'UnlockCommand';

/** What a bay stands on. */
export interface BayGround {
  profile: Profile;
  voice: Voice;
  settings: Settings;
  agenda: Agenda;
  chance: Chance;
  /** Wall clock, ms since the epoch. */
  now: () => number;
  /** Whether the CSMS can be asked. */
  isOnline: () => boolean;
  /** The limit that charging profiles put on the connector; null for none. */
  limitOf: (connector: number) => { value: number; unit: 'A' | 'W' } | null;
}

/** One connector with its meter and its transaction: what people and commands do to it, and what the CSMS hears of that. */
export class Bay {
  readonly connector: Connector;
  readonly #ground: BayGround;
  readonly #meter: Meter;
  #transaction: Transaction | null = null;

  constructor(id: number, ground: BayGround) {
    this.connector = new Connector(id);
    this.#ground = ground;
    this.#meter = new Meter(ground.profile, ground.chance.fork(), ground.now());
  }

  get isCharging(): boolean {
    return this.#transaction !== null;
  }

  /** Whether this is the running transaction's id, as text or number. */
  runs(transactionId: Json | undefined): boolean {
    const id = this.#transaction?.id ?? null;
    return id !== null && String(id) === String(transactionId);
  }

  /** Tag of the running transaction; null without one. */
  get tag(): string | null {
    return this.#transaction?.tag ?? null;
  }

  /** What the CSMS calls the running transaction; null without one, or while it has not answered. */
  get transactionId(): Json {
    return this.#transaction?.id ?? null;
  }

  /** A cable is plugged into the vehicle. */
  plug(): void {
    const { connector } = this;
    if (connector.isPlugged) return;
    connector.isPlugged = true;
    if (connector.status === 'Available') this.#become('Preparing');
    const tag = connector.authorised?.tag ?? this.#ground.profile.plugAndCharge;
    if (tag !== undefined && this.#takes(tag)) this.#start(tag);
  }

  /** The cable is taken away. */
  unplug(): void {
    const { connector } = this;
    if (!connector.isPlugged) return;
    connector.isPlugged = false;
    if (this.#transaction) {
      if (this.#ground.settings.flag('StopTransactionOnEVSideDisconnect', true)) this.stop('EVDisconnected');
      else this.suspend('SuspendedEV');
      return;
    }
    if (connector.status === 'Preparing' || connector.status === 'Finishing') this.#rest();
  }

  /** Somebody shows a tag: starts or stops charging (OCPP 1.6 §3.5). */
  tap(tag: string): void {
    if (this.#transaction) {
      if (sameTag(this.#transaction.tag, tag)) this.stop('Local');
      return;
    }
    if (!this.#takes(tag)) return;
    const { voice, settings, isOnline } = this.#ground;
    if (!isOnline()) {
      if (settings.flag('LocalAuthorizeOffline', true)) this.authorise(tag);
      return;
    }
    voice.authorize(tag, (result) => {
      if (valueAt(result, ['idTagInfo', 'status']) === 'Accepted') this.authorise(tag);
    });
  }

  /** A tag may charge here: at once when a cable is plugged, else within ConnectionTimeOut (OCPP 1.6 §9.1.7). */
  authorise(tag: string): void {
    const { connector } = this;
    if (this.#transaction || !this.#takes(tag)) return;
    if (connector.isPlugged) {
      this.#start(tag);
      return;
    }
    const { settings, agenda, now } = this.#ground;
    const untilMs = now() + settings.number('ConnectionTimeOut', 60) * 1000;
    connector.authorised = { tag, untilMs };
    this.#become('Preparing');
    agenda.set(`plug ${connector.id}`, untilMs, () => {
      connector.authorised = null;
      if (connector.status === 'Preparing') this.#rest();
    });
  }

  /** Whether a transaction of this tag could begin here. */
  #takes(tag: string): boolean {
    const { status, reservation } = this.connector;
    if (status === 'Available' || status === 'Preparing') return true;
    if (status === 'Finishing') return this.connector.isPlugged;
    return status === 'Reserved' && reservation !== null && isFor(reservation, tag);
  }

  /** Whether a RemoteStartTransaction can be taken (OCPP 1.6 §5.11). */
  canStart(tag: string): boolean {
    return !this.#transaction && this.connector.authorised === null && this.#takes(tag);
  }

  #start(tag: string): void {
    const { connector } = this;
    const { voice, agenda, now } = this.#ground;
    agenda.cancel(`plug ${connector.id}`);
    connector.authorised = null;
    if (connector.status === 'Finishing' || connector.status === 'Reserved') this.#become('Preparing');
    const atMs = now();
    const reservation =
      connector.reservation && isFor(connector.reservation, tag) ? connector.reservation : null;
    this.release();
    this.#meter.begin(atMs);
    const transaction: Transaction = {
      tag,
      id: null,
      begin: { atMs, sampledValue: this.#meter.sample('Transaction.Begin', atMs) },
      meterStart: this.#meter.register(atMs),
      isSuspendedByTag: false,
    };
    this.#transaction = transaction;
    voice.start(
      {
        connectorId: connector.id,
        idTag: tag,
        meterStart: transaction.meterStart,
        reservationId: reservation?.id,
        timestamp: voice.time(atMs),
      },
      (result) => this.#started(transaction, result),
    );
    this.#flow();
    this.#sampleLater();
  }

  #started(transaction: Transaction, result: Json | null): void {
    transaction.id = valueAt(result, ['transactionId']) ?? -1;
    const status = valueAt(result, ['idTagInfo', 'status']);
    if (transaction !== this.#transaction || status === 'Accepted' || result === null) return;
    if (this.#ground.settings.flag('StopTransactionOnInvalidId', true)) this.stop('DeAuthorized');
    else {
      transaction.isSuspendedByTag = true;
      this.#flow();
    }
  }

  /** Ends the transaction, if there is one. */
  stop(reason: StopReason): void {
    const transaction = this.#transaction;
    if (!transaction) return;
    const { voice, agenda, now, profile } = this.#ground;
    const { connector } = this;
    agenda.cancel(`sample ${connector.id}`);
    const atMs = now();
    this.#meter.flow(false, atMs);
    const meterStop = this.#meter.register(atMs);
    const end = this.#meter.sample('Transaction.End', atMs);
    this.#transaction = null;
    if (profile.finishing === 'before') this.#rest();
    const { begin, tag } = transaction;
    voice.stop(
      () => ({
        transactionId: this.#idOf(transaction),
        idTag: reason === 'Local' ? tag : undefined,
        meterStop,
        timestamp: voice.time(atMs),
        reason: reason === 'Local' ? undefined : reason,
        transactionData: profile.stopData
          ? [voice.meterValue(begin.atMs, begin.sampledValue), voice.meterValue(atMs, end)]
          : undefined,
      }),
      () => {},
    );
    if (profile.finishing !== 'before') this.#rest();
  }

  /** How the charger names a transaction: as the CSMS did, -1 when it never did (OCPP 1.6 errata, §3.18), or by an id of its own. */
  #idOf({ id }: Transaction): Json {
    return this.#ground.profile.ownTransactionId ?? id ?? -1;
  }

  /** The vehicle or the charger pauses. */
  suspend(status: 'SuspendedEV' | 'SuspendedEVSE'): void {
    if (!this.#transaction) return;
    this.#meter.flow(false, this.#ground.now());
    this.#become(status);
  }

  /** Charging goes on, as far as tag and limit let it; also after a limit has changed. */
  resume(): void {
    if (this.#transaction) this.#flow();
  }

  /** Breaks down; a running transaction waits (OCPP 1.6 §7.6 lists the codes). */
  fail(errorCode: string): void {
    this.#meter.flow(false, this.#ground.now());
    if (this.connector.fail(errorCode)) this.tell();
  }

  /** Is in order again. */
  recover(): void {
    if (!this.connector.recover()) return;
    this.tell();
    if (this.#transaction && this.connector.status !== 'SuspendedEV') this.#flow();
  }

  /** Is reserved, or a reservation is replaced (OCPP 1.6 §5.13). */
  reserve(reservation: NonNullable<Connector['reservation']>): void {
    this.connector.reservation = reservation;
    this.#become('Reserved');
    this.#ground.agenda.set(`reservation ${this.connector.id}`, reservation.untilMs, () => this.release());
  }

  /** A reservation is over. */
  release(): void {
    this.connector.reservation = null;
    this.#ground.agenda.cancel(`reservation ${this.connector.id}`);
    if (this.connector.status === 'Reserved') this.#become('Available');
  }

  /** Takes an availability now, or when the transaction is over. The status of ChangeAvailability (OCPP 1.6 §5.2). */
  setAvailability(status: 'Available' | 'Unavailable'): 'Accepted' | 'Scheduled' {
    const { connector } = this;
    if (this.#transaction) {
      connector.scheduled = status === 'Unavailable' ? status : null;
      return status === 'Unavailable' ? 'Scheduled' : 'Accepted';
    }
    return 'Accepted';
  }

  /** Does what setAvailability has accepted. */
  applyAvailability(status: 'Available' | 'Unavailable'): void {
    const { connector } = this;
    if (this.#transaction) return;
    if (status === 'Unavailable') {
      connector.authorised = null;
      this.release();
      if (connector.status === 'Preparing') this.#become('Available');
      this.#become('Unavailable');
    } else if (connector.status === 'Unavailable') {
      this.#become(connector.isPlugged ? 'Preparing' : 'Available');
    }
  }

  /** Sends the status of the connector as it stands. */
  tell(isAdmitted = false): void {
    const { connector } = this;
    this.#ground.voice.status(connector, this.#ground.now(), isAdmitted);
  }

  /** Sends the meter's values of this moment. */
  sample(context: 'Trigger' | 'Sample.Periodic' | 'Sample.Clock', isAdmitted = false): void {
    const { voice, now } = this.#ground;
    const atMs = now();
    const transaction = this.#transaction;
    voice.meterValues(
      () => ({
        connectorId: this.connector.id,
        transactionId: transaction ? this.#idOf(transaction) : undefined,
      }),
      { atMs, sampledValue: this.#meter.sample(context, atMs) },
      { isTransactional: transaction !== null && context !== 'Trigger', isAdmitted },
    );
  }

  #sampleLater(): void {
    const { settings, agenda, now } = this.#ground;
    const seconds = settings.number('MeterValueSampleInterval', 60);
    if (seconds <= 0) return;
    agenda.set(`sample ${this.connector.id}`, now() + seconds * 1000, () => {
      this.sample('Sample.Periodic');
      this.#sampleLater();
    });
  }

  /** Lets power flow as far as limit and tag allow. */
  #flow(): void {
    const { connector } = this;
    const { now, limitOf } = this.#ground;
    this.#meter.limit(limitOf(connector.id), now());
    const isAllowed = this.#transaction?.isSuspendedByTag !== true && connector.status !== 'Faulted';
    this.#become(this.#meter.flow(isAllowed, now()) ? 'Charging' : 'SuspendedEVSE');
  }

  /** What follows when nobody charges any more: unplugged, the connector is free again. */
  #rest(): void {
    const { connector } = this;
    const { finishing } = this.#ground.profile;
    if (connector.isPlugged && finishing !== 'none') {
      this.#become('Finishing');
      return;
    }
    const scheduled = connector.scheduled;
    connector.scheduled = null;
    if (scheduled === 'Unavailable' && connector.status !== 'Preparing') this.#become('Unavailable');
    else this.#become('Available');
  }

  #become(status: Exclude<ConnectorStatus, 'Faulted'>): void {
    if (this.connector.become(status)) this.tell();
  }
}

function isFor({ tag, parent }: NonNullable<Connector['reservation']>, other: string): boolean {
  return sameTag(tag, other) || (parent !== null && sameTag(parent, other));
}

/** Tags are compared without case (OCPP 1.6 §7.28, CiString). */
function sameTag(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
