import type { PlannedConnection } from './plan.ts';

/**
 * How a recorded connection stands in the run. `away`: lost because that was asked for, it will be back; `closing`: our close frame is
 * sent; `leaving`: the CSMS is ending it; `ending`: our FIN or reset is sent; `waiting`: will be dialled again; `over`: ended; `givenUp`:
 * could not be kept, its steps are left out.
 */
export type LineState =
  | 'dialing'
  | 'open'
  | 'away'
  | 'closing'
  | 'leaving'
  | 'ending'
  | 'waiting'
  | 'over'
  | 'givenUp';

/** A recorded connection in the run: one live connection after another, when the CSMS ends one. */
export interface Line {
  planned: PlannedConnection;
  state: LineState;
  /** Number of its present live connection; each dialling has a new one. */
  socket: number;
  /** When `waiting`, `closing` and `leaving` end by themselves, µs. */
  untilUs: number;
  /** The CSMS ended its present live connection, or began to. */
  byCsms: boolean;
  /** When the last message passed on it, µs. */
  lastMessageUs: number;
  /** When it was lost last because that was asked for, µs. */
  awayUs: number;
  /** Since when, µs, and how often the CSMS has been too busy for it; null when it is not. */
  busy: { sinceUs: number; times: number } | null;
}

/** Back-off before each further attempt, ms; when it is used up, the steps of the connection are given up. */
export const BACK_OFF_MS: readonly number[] = [1_000, 2_000, 4_000];

/** A session comes back this often at most after the CSMS has ended or refused a connection. */
const MAX_COMEBACKS = 100;

/** How long the other side may take to end a connection after a close frame, µs. */
export const CLOSING_US = 5_000_000;

/** The connections of one virtual charger. */
export class Lines {
  readonly #backOffMs: readonly number[];
  readonly #waitUs: number;
  /** Lines on which something may still happen. */
  readonly active = new Set<Line>();
  readonly #byConnection = new Map<number, Line>();
  #sockets = 0;
  /** Attempts in a row without an answer of the CSMS in between, over all connections of the session. */
  #failures = 0;
  #comebacks = 0;

  /** `waitUs`: how long the CSMS may be busy at most. */
  constructor(backOffMs: readonly number[], waitUs: number) {
    this.#backOffMs = backOffMs;
    this.#waitUs = waitUs;
  }

  /** The line of a recorded connection; undefined before it was dialled. */
  of(connection: number): Line | undefined {
    return this.#byConnection.get(connection);
  }

  /** A line on which something can be said now; undefined when there is none. */
  anyOpen(): Line | undefined {
    for (const line of this.active) if (line.state === 'open') return line;
    return undefined;
  }

  /** The line whose present live connection this is; undefined for one of the past. */
  bySocket(socket: number): Line | undefined {
    for (const line of this.active) if (line.socket === socket) return line;
    return undefined;
  }

  /** A line for a connection that is dialled for the first time. */
  dial(planned: PlannedConnection, nowUs: number): Line {
    const line: Line = {
      planned,
      state: 'dialing',
      socket: ++this.#sockets,
      untilUs: Number.POSITIVE_INFINITY,
      byCsms: false,
      lastMessageUs: nowUs,
      awayUs: 0,
      busy: null,
    };
    this.#byConnection.set(planned.recorded.id, line);
    this.active.add(line);
    return line;
  }

  /** Dials a waiting line again. */
  redial(line: Line): void {
    line.state = 'dialing';
    line.byCsms = false;
    line.socket = ++this.#sockets;
    line.untilUs = Number.POSITIVE_INFINITY;
  }

  /** Moves a line to a state, bounded in time when `untilUs` is given. */
  become(line: Line, state: LineState, untilUs = Number.POSITIVE_INFINITY): void {
    line.state = state;
    line.untilUs = untilUs;
    if (isOver(line)) this.active.delete(line);
    else this.active.add(line);
  }

  /** Lets a line wait for its next attempt; false when there have been too many, in a row or at all. */
  retry(line: Line, nowUs: number): boolean {
    const backOffMs = this.#backOffMs[this.#failures];
    if (backOffMs === undefined || ++this.#comebacks > MAX_COMEBACKS) return false;
    this.#failures++;
    this.become(line, 'waiting', nowUs + backOffMs * 1000);
    return true;
  }

  /** Lets a line wait until a busy CSMS has time for it, at least so long, ms; false when that would be too late. */
  retryBusy(line: Line, leastMs: number, nowUs: number): boolean {
    const { sinceUs, times } = line.busy ?? { sinceUs: nowUs, times: 0 };
    const backOffMs = this.#backOffMs[Math.min(times, this.#backOffMs.length - 1)];
    if (backOffMs === undefined) return false;
    const untilUs = nowUs + Math.max(leastMs, backOffMs) * 1000;
    if (untilUs > sinceUs + this.#waitUs) return false;
    line.busy = { sinceUs, times: times + 1 };
    this.become(line, 'waiting', untilUs);
    return true;
  }

  /** The CSMS answered a call: the next trouble is the first in a row again. */
  proved(): void {
    this.#failures = 0;
  }
}

/** Whether a line is on its way to its end, so that what the recording has after that end must wait for it. */
export function isEnding(line: Line): boolean {
  if (line.state === 'dialing') return !line.planned.accepted;
  return line.state === 'closing' || line.state === 'ending' || line.state === 'leaving';
}

/** Whether nothing more will happen on a line. */
export function isOver(line: Line): boolean {
  return line.state === 'over' || line.state === 'givenUp';
}
