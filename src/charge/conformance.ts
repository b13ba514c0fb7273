import { Ajv, type ValidateFunction } from 'ajv';
import type { Protocol } from '../ocpp/protocol.ts';
import { type Frame, FrameFlag } from '../session/frame.ts';

/** Where a CSMS did not keep to OCPP: how often, by kind. */
export interface ConformanceReport {
  /** Texts that are no message (OCPP-J 1.6 §4). */
  malformed: number;
  /** Answers to no call, and those to a call that was answered already. */
  unasked: number;
  /** Calls that were never answered, by action. */
  unanswered: Record<string, number>;
  /** What breaks the schemas: `ACTION call /place`, or `ACTION result /place`; an action that OCPP does not have has no place. */
  invalid: Record<string, number>;
}

/** Looks at what a CSMS says to a fleet, and counts where it does not keep to OCPP-J or to the schemas. Its memory does not grow with time. */
export class Conformance {
  readonly #protocol: Protocol;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': isTime, uri: true } });
  readonly #validators = new Map<string, ValidateFunction>();
  #malformed = 0;
  #unasked = 0;
  readonly #unanswered = new Map<string, number>();
  readonly #invalid = new Map<string, number>();

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** A text of the CSMS, as it went on record. */
  take({ messageType, action, answers, flags, payload }: Frame): void {
    if (messageType === 'malformed' || messageType === null) {
      this.#malformed++;
      return;
    }
    const isAnswer = messageType !== 'call';
    if (isAnswer && (answers === null || (flags & FrameFlag.duplicateAnswer) !== 0)) {
      this.#unasked++;
      return;
    }
    if (action === null || messageType === 'callError') return;
    const message: unknown[] = JSON.parse(Buffer.from(payload).toString('utf8'));
    const part = isAnswer ? 'result' : 'call';
    for (const place of this.#faults(action, part, message[isAnswer ? 2 : 3] ?? {})) {
      count(this.#invalid, `${action} ${part}${place}`);
    }
  }

  /** A charger has given up waiting for an answer. */
  unanswered(action: string): void {
    count(this.#unanswered, action);
  }

  /** What was found so far; names in alphabetical order. */
  report(): ConformanceReport {
    const sorted = (counts: Map<string, number>) =>
      Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
    return {
      malformed: this.#malformed,
      unasked: this.#unasked,
      unanswered: sorted(this.#unanswered),
      invalid: sorted(this.#invalid),
    };
  }

  /** Each place that breaks the schema once, behind a space; `*` for any index. */
  #faults(action: string, part: 'call' | 'result', payload: unknown): Set<string> {
    const validate = this.#validator(action, part);
    if (validate === null) return new Set(['']);
    validate(payload);
    const places = (validate.errors ?? []).map(({ instancePath, params }) => {
      const named: unknown = params.missingProperty ?? params.additionalProperty;
      const path = instancePath.replace(/\/\d+(?=\/|$)/g, '/*');
      return ` ${path}${named === undefined ? '' : `/${String(named)}`}`;
    });
    return new Set(places);
  }

  #validator(action: string, part: 'call' | 'result'): ValidateFunction | null {
    const known = this.#validators.get(`${action} ${part}`);
    if (known !== undefined) return known;
    const schema = this.#protocol.schemaOf(action, part);
    if (schema === null) return null;
    const { $id: _, ...anonymous } = schema;
    const validator = this.#ajv.compile(anonymous);
    this.#validators.set(`${action} ${part}`, validator);
    return validator;
  }
}

/** RFC 3339 §5.6; a CSMS that leaves out the zone is found. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
