import type { Json } from '../ocpp/json.ts';

/** A call that a charger wants to make. */
export interface Wish {
  action: string;
  /** Its payload, made when it is sent: by then an id that it names may be known. */
  payload: () => Json;
  /** Kept while offline and sent again when it fails (OCPP 1.6 §3.7.1). */
  isTransactional: boolean;
  /** May be sent before the CSMS has accepted the charger: BootNotification, and what a trigger asks for (OCPP 1.6 §4.2). */
  isAdmitted: boolean;
  /** Still worth saying after the connection was lost. */
  survives: boolean;
  /** Only the last of equal keys is worth sending; null for none. */
  key: string | null;
  /** When the charger wanted to make it, ms. */
  wantedMs: number;
  /** What the answer changes: its payload, or null when there was none or an error. */
  onAnswer?: (result: Json | null) => void;
}

/** A call on its way. */
export interface Pending {
  wish: Wish;
  messageId: string;
  payload: Json;
  /** When it could have been sent first, ms: calls before it may have kept it waiting. */
  dueMs: number;
  sentMs: number;
  /** When its answer is overdue, ms. */
  untilMs: number;
}

/** How often and how far apart a call of a transaction is sent again (OCPP 1.6 §9.1.29, §9.1.30). */
export interface OutboxRules {
  attempts: number;
  retryMs: number;
}

/**
 * What a charger has to say, in the order of OCPP 1.6 §3.7: one call at a time; those of transactions wait for each other and
 * survive being offline; all others may overtake them.
 */
export class Outbox {
  #others: Wish[] = [];
  #transactional: Wish[] = [];
  #pending: Pending | null = null;
  #transmissions = 0;
  /** The first call of a transaction may not be sent again before, ms. */
  #notBeforeMs = 0;

  /** Calls that were added so far. */
  wanted = 0;

  /** Adds a call; one of equal key that waits is left out. */
  add(wish: Wish): void {
    this.wanted++;
    if (wish.key !== null) this.#others = this.#others.filter(({ key }) => key !== wish.key);
    (wish.isTransactional ? this.#transactional : this.#others).push(wish);
  }

  get pending(): Pending | null {
    return this.#pending;
  }

  /** The next call that may go now; null when one is on its way or none may. Only those of `allowed` actions when it is given. */
  next(nowMs: number, allowed?: (wish: Wish) => boolean): Wish | null {
    if (this.#pending) return null;
    const index = this.#others.findIndex((wish) => allowed?.(wish) ?? true);
    if (index >= 0) return this.#others.splice(index, 1)[0]!;
    const [first] = this.#transactional;
    if (!first || nowMs < this.#notBeforeMs || !(allowed?.(first) ?? true)) return null;
    return first;
  }

  /** A call was sent. */
  sent(pending: Pending): void {
    this.#pending = pending;
    if (pending.wish.isTransactional) this.#transmissions++;
  }

  /** An answer came: `result` is null for an error. Whether it answers the call that is on its way. */
  answered(messageId: string, result: Json | null, rules: OutboxRules, nowMs: number): boolean {
    const pending = this.#pending;
    if (pending?.messageId !== messageId) return false;
    this.#pending = null;
    if (result === null) this.#failed(pending.wish, rules, nowMs);
    else {
      if (pending.wish.isTransactional) this.#delivered();
      pending.wish.onAnswer?.(result);
    }
    return true;
  }

  /** Gives up waiting for an answer that is overdue: the call, or null when there is none. */
  expire(rules: OutboxRules, nowMs: number): Wish | null {
    const pending = this.#pending;
    if (!pending || nowMs < pending.untilMs) return null;
    this.#pending = null;
    this.#failed(pending.wish, rules, nowMs);
    return pending.wish;
  }

  /** The connection is over: what was on its way did not arrive; only calls of transactions and those that survive are kept. */
  disconnected(): void {
    const wish = this.#pending?.wish;
    this.#pending = null;
    if (wish && !wish.isTransactional && wish.survives) this.#others.unshift(wish);
    this.#others = this.#others.filter(({ survives }) => survives);
  }

  /** When something may be due although nothing happens, ms; infinite when never. */
  get wakeAtMs(): number {
    if (this.#pending) return this.#pending.untilMs;
    return this.#transactional.length > 0 ? this.#notBeforeMs : Number.POSITIVE_INFINITY;
  }

  /** OCPP 1.6 §3.7.1: again after interval × transmissions, until the attempts are used up. */
  #failed(wish: Wish, { attempts, retryMs }: OutboxRules, nowMs: number): void {
    if (!wish.isTransactional) {
      wish.onAnswer?.(null);
      return;
    }
    if (this.#transmissions < attempts) {
      this.#notBeforeMs = nowMs + retryMs * this.#transmissions;
      return;
    }
    this.#delivered();
    wish.onAnswer?.(null);
  }

  #delivered(): void {
    this.#transactional.shift();
    this.#transmissions = 0;
    this.#notBeforeMs = 0;
  }
}
