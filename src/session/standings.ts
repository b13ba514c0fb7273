import type { Json } from '../ocpp/json.ts';
import { type Call, type CallResult, decodeMessage, type Message } from '../ocpp/message.ts';
import type { Protocol, Standing } from '../ocpp/protocol.ts';
import type { Frame } from './frame.ts';

/** Something that stands between one charger and its CSMS, by a call of either and the answer to it. */
export interface StandingFact {
  kind: Standing['kind'];
  /** When it ends by itself, ms since the epoch; null when it does not. */
  untilMs: number | null;
  /** What it says, in a word: of a transaction its id. */
  says: string | undefined;
  protocol: Protocol;
  call: { frame: Frame; message: Call };
  answer: { frame: Frame; message: CallResult };
}

/** In this order a CSMS must be told it. */
const ORDER: readonly Standing['kind'][] = ['introduction', 'status', 'command', 'transaction'];

/** A call of the charger that ends what stands. */
export interface Undoing {
  action: string;
  payload: Json;
}

/**
 * What one charger's conversation has left standing: at the CSMS that it is known, its connectors' statuses, running transactions; at the
 * charger reservations, its local list, profiles and settings.
 * Fed with the frames of a session in order, recorded or live; ids are those of that conversation.
 */
export class Standings {
  readonly #facts = new Map<string, StandingFact>();
  readonly #open = new Map<number, { frame: Frame; protocol: Protocol; message: Message | null }>();
  /** What the meters of running transactions were last said to show, Wh, by transaction. */
  readonly #meters = new Map<string, number>();

  /** Takes the next frame of the session; `protocol` is its connection's, `message` what it says, where that is known. */
  take(frame: Frame, protocol: Protocol, message: Message | null = null): void {
    const { action, messageType, answers } = frame;
    if (action === null) return;
    if (messageType === 'call' && protocol.metering.has(action))
      this.#metered(message ?? messageOf(frame), protocol);
    if (!protocol.lasting.has(action)) return;
    if (messageType === 'call') this.#open.set(frame.id, { frame, protocol, message });
    else if (answers !== null) this.#answered(frame, answers, message ?? messageOf(frame));
  }

  /** What stands now, in the order in which a CSMS must be told it. */
  get facts(): StandingFact[] {
    const place = ({ kind, call }: StandingFact) => [ORDER.indexOf(kind), call.frame.id] as const;
    return [...this.#facts.values()].sort((a, b) => {
      const [[kindA, idA], [kindB, idB]] = [place(a), place(b)];
      return kindA - kindB || idA - idB;
    });
  }

  /**
   * What a part of the conversation that begins with this call presumes: all that stands then; only what the charger holds when it makes
   * itself known anew and has no transaction running.
   */
  presumedBy(first: Frame, protocol: Protocol): StandingFact[] {
    const facts = this.facts.filter(({ untilMs }) => untilMs === null || untilMs > first.atUs / 1000);
    const isIntroduction = first.action === protocol.introduction(null, null).action;
    const isNew = isIntroduction && !facts.some(({ kind }) => kind === 'transaction');
    return isNew ? facts.filter(({ kind }) => kind === 'command') : facts;
  }

  /** Calls that end what stands and should not, in order. */
  undoings(at: Date): Undoing[] {
    return this.facts.toReversed().flatMap(({ protocol, call, answer, says }) => {
      const { action, payload } = call.message;
      const meterWh = says === undefined ? null : (this.#meters.get(says) ?? null);
      return protocol.undoing(action, payload, answer.message.payload, { at, meterWh }) ?? [];
    });
  }

  /** Actions of calls that were never answered although the answer would have issued an id: what they began cannot be named. */
  get unnamed(): string[] {
    return [...this.#open.values()].flatMap(({ frame: { action }, protocol }) => {
      const issues = protocol.idClasses.some(({ issued }) =>
        issued.some((site) => site.action === action && site.part === 'result'),
      );
      return issues && action !== null ? [action] : [];
    });
  }

  #metered(message: Message, protocol: Protocol): void {
    if (message.type !== 'call') return;
    for (const { meter, transaction, text, unitWh } of protocol.registers(message.action, message.payload)) {
      const wh = text.trim() === '' ? Number.NaN : Math.round(Number(text) * unitWh);
      if (meter === '' && transaction !== null && Number.isSafeInteger(wh)) this.#meters.set(transaction, wh);
    }
  }

  #answered(frame: Frame, call: number, said: Message): void {
    const open = this.#open.get(call);
    if (!open) return;
    this.#open.delete(call);
    const asked = open.message ?? messageOf(open.frame);
    if (asked.type !== 'call' || said.type !== 'callResult') return;
    const fact = { call: { frame: open.frame, message: asked }, answer: { frame, message: said } };
    for (const { key, kind, ends, untilMs = null, says } of open.protocol.standing(
      asked.action,
      asked.payload,
      said.payload,
    )) {
      if (ends) this.#facts.delete(key);
      else this.#facts.set(key, { kind, untilMs, says, protocol: open.protocol, ...fact });
    }
  }
}

function messageOf(frame: Frame) {
  return decodeMessage(Buffer.from(frame.payload).toString('utf8'));
}
