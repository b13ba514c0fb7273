import assert from 'node:assert';

/** Status of a connector above 0 (OCPP 1.6 §7.7). */
export type ConnectorStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEV'
  | 'SuspendedEVSE'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted';

/** The transitions that OCPP 1.6 §4.9 lists (with errata v3's B6). */
const LEGAL: Readonly<Record<ConnectorStatus, readonly ConnectorStatus[]>> = {
  Available: ['Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Reserved', 'Unavailable', 'Faulted'],
  Preparing: ['Available', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Finishing', 'Faulted'],
  Charging: ['Available', 'SuspendedEV', 'SuspendedEVSE', 'Finishing', 'Unavailable', 'Faulted'],
  SuspendedEV: ['Available', 'Charging', 'SuspendedEVSE', 'Finishing', 'Unavailable', 'Faulted'],
  SuspendedEVSE: ['Available', 'Charging', 'SuspendedEV', 'Finishing', 'Unavailable', 'Faulted'],
  Finishing: ['Available', 'Preparing', 'Unavailable', 'Faulted'],
  Reserved: ['Available', 'Preparing', 'Unavailable', 'Faulted'],
  Unavailable: ['Available', 'Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Faulted'],
  Faulted: [
    'Available',
    'Preparing',
    'Charging',
    'SuspendedEV',
    'SuspendedEVSE',
    'Finishing',
    'Reserved',
    'Unavailable',
  ],
};

/** Whether OCPP 1.6 §4.9 has this transition. */
export function isLegal(from: ConnectorStatus, to: ConnectorStatus): boolean {
  return LEGAL[from].includes(to);
}

/** A connector above 0: its status, and what is plugged, authorised and reserved there. */
export class Connector {
  readonly id: number;
  #status: ConnectorStatus = 'Available';
  /** Status to return to when a fault is cleared. */
  #beforeFault: ConnectorStatus = 'Available';
  /** errorCode of the fault (OCPP 1.6 §7.6); `NoError` without one. */
  errorCode = 'NoError';
  /** A cable leads to a vehicle. */
  isPlugged = false;
  /** Tag that may charge here once a cable is plugged; null for none. */
  authorised: { tag: string; untilMs: number } | null = null;
  reservation: { id: number | bigint; tag: string; parent: string | null; untilMs: number } | null = null;
  /** Status to take when the transaction is over (ChangeAvailability, `Scheduled`). */
  scheduled: 'Available' | 'Unavailable' | null = null;

  constructor(id: number) {
    this.id = id;
  }

  get status(): ConnectorStatus {
    return this.#status;
  }

  /**
   * Takes another status; whether the CSMS is to hear of it. While faulted it is kept for when the fault is over. A status that may not
   * follow is our own mistake.
   */
  become(status: Exclude<ConnectorStatus, 'Faulted'>): boolean {
    if (this.#status === 'Faulted') {
      this.#beforeFault = status;
      return false;
    }
    if (status === this.#status) return false;
    assert(isLegal(this.#status, status), `${this.#status} may not become ${status}`);
    this.#status = status;
    return true;
  }

  /** Breaks down with an errorCode of OCPP 1.6 §7.6. Whether it was in order before. */
  fail(errorCode: string): boolean {
    this.errorCode = errorCode;
    if (this.#status === 'Faulted') return false;
    this.#beforeFault = this.#status;
    this.#status = 'Faulted';
    return true;
  }

  /** Is in order again, and where it was or would be by now (OCPP 1.6 §4.9, I1 to I8). Whether it was broken. */
  recover(): boolean {
    if (this.#status !== 'Faulted') return false;
    this.errorCode = 'NoError';
    this.#status = this.#beforeFault;
    return true;
  }
}
