import { type Json, writeJson } from '../ocpp/json.ts';
import { typeOf } from './value-shape.ts';

/**
 * The ids that the two CSMSs issued to one charger, class by class. An id is the same on both sides when both were issued at the
 * same place of the conversation. An id issued as `"7"` and named as `7` is one id.
 */
export class IdMap {
  readonly #live = new Map<string, string>();
  readonly #recorded = new Map<string, Set<string>>();
  readonly #spelled = new Set<string>();
  readonly #lost = new Set<string>();

  /** Notes that the candidate issued `candidate` where the baseline issued `baseline`; true when it already stood for another id. */
  bind(idClass: string, baseline: Json, candidate: Json): boolean {
    const [from, to] = [keyOf(idClass, baseline), keyOf(idClass, candidate)];
    const known = this.#recorded.get(to) ?? new Set<string>();
    const reused = known.size > 0 && !known.has(from);
    this.#recorded.set(to, known.add(from));
    this.#live.set(from, to);
    this.#spelled.add(spelling(idClass, candidate));
    return reused;
  }

  /** Notes that the candidate issued nothing where the baseline issued this id, so that nothing can name it. */
  lose(idClass: string, baseline: Json): void {
    this.#lost.add(keyOf(idClass, baseline));
  }

  /** Whether the candidate never got a counterpart of this id. */
  isLost(idClass: string, baseline: Json): boolean {
    const key = keyOf(idClass, baseline);
    return this.#lost.has(key) && !this.#live.has(key);
  }

  /**
   * Whether both name the same thing: counterparts, or an id that neither side issued and both spell alike. Another JSON type than
   * the baseline's is as good when the candidate's id was issued with it. `id-unmapped`: the baseline names an id that was issued to the
   * charger, the candidate one that never was.
   */
  compare(
    idClass: string,
    baseline: Json,
    candidate: Json,
  ): 'same' | 'type-changed' | 'field-changed' | 'id-unmapped' {
    const [from, to] = [keyOf(idClass, baseline), keyOf(idClass, candidate)];
    const known = this.#recorded.get(to);
    const alike = typeOf(baseline) === typeOf(candidate);
    const counterparts = known?.has(from) ?? (from === to && !this.#live.has(from));
    if (!counterparts && alike && known === undefined && this.#live.has(from)) return 'id-unmapped';
    if (!counterparts) return alike ? 'field-changed' : 'type-changed';
    return alike || this.#spelled.has(spelling(idClass, candidate)) ? 'same' : 'type-changed';
  }

  /** An id of the candidate as the baseline names it; as it is when it was not issued. */
  recorded(idClass: string, candidate: Json): string {
    const [known] = this.#recorded.get(keyOf(idClass, candidate)) ?? [];
    return known ?? keyOf(idClass, candidate);
  }

  /** An id of the baseline, named as `recorded` names it. */
  own(idClass: string, baseline: Json): string {
    return keyOf(idClass, baseline);
  }
}

function keyOf(idClass: string, id: Json): string {
  return `${idClass} ${typeof id === 'string' ? id : writeJson(id)}`;
}

function spelling(idClass: string, id: Json): string {
  return `${typeOf(id)} ${keyOf(idClass, id)}`;
}
