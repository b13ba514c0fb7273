import { type Json, parseJson, valueAt } from '../ocpp/json.ts';
import { tokenAt } from '../ocpp/json-text.ts';
import type { Path } from '../ocpp/protocol.ts';
import { idText } from './id-ledger.ts';
import type { IdUse, Issue } from './plan.ts';
import type { Edit } from './time-shift.ts';

/** One recorded id and the live one that stands for it. Both are exact JSON texts. */
export interface Bound {
  idClass: string;
  recorded: string;
  live: string;
}

/**
 * The ids of one session, recorded and live. Bound per issuing, never by equal value: transactionId 1 is not connectorId 1, and
 * a number issued twice is two ids.
 */
export class Bindings {
  readonly #live = new Map<Issue, string>();
  readonly #recorded = new Map<string, string>();

  /** Binds what a live message issues at the places where its recorded counterpart issued something. */
  learn(issues: readonly Issue[], payload: Json, text: string, index: number): Bound[] {
    return issues.flatMap((issue) => {
      const value = idText(valueAt(payload, issue.path));
      const live = value === null ? undefined : tokenAt(text, [index, ...issue.path]);
      if (value === null || live === undefined || this.#live.has(issue)) return [];
      this.#live.set(issue, live);
      this.#recorded.set(`${issue.idClass} ${value}`, issue.recorded);
      return [{ idClass: issue.idClass, recorded: issue.recorded, live }];
    });
  }

  /** The id of each class that was issued last, as an exact JSON text. */
  latest(): Record<string, string> {
    return Object.fromEntries([...this.#live].map(([{ idClass }, live]) => [idClass, live]));
  }

  /** Exact JSON text of the live id that stands for a recorded one (plain text), the one issued last; undefined when none does. */
  liveOf(idClass: string, recorded: string): string | undefined {
    let found: string | undefined;
    for (const [issue, live] of this.#live) {
      if (issue.idClass === idClass && idText(parseJson(issue.recorded)) === recorded) found = live;
    }
    return found;
  }

  /** Whether the live CSMS has issued its id for this one. */
  knows(issue: Issue): boolean {
    return this.#live.has(issue);
  }

  /** Exact JSON text of the recorded id that a live value stands for; undefined for an id that is not bound. */
  recordedOf(idClass: string, value: string): string | undefined {
    return this.#recorded.get(`${idClass} ${value}`);
  }

  /** Edits that put the live ids in the place of recorded ones; ids not known yet stay as recorded. Paths are relative to the payload. */
  edits(uses: readonly IdUse[]): Edit[] {
    return uses.flatMap((use) => {
      const live = this.#live.get(use.issue);
      return live === undefined ? [] : [{ path: use.path, token: asUsed(use, live) }];
    });
  }
}

/** The live token as the charger would spell it: as issued, unless the charger changed a number to a string or back. */
function asUsed(use: IdUse, live: string): string {
  const wasChanged = isString(use.recorded) !== isString(use.issue.recorded);
  if (!wasChanged || isString(live) === isString(use.recorded)) return live;
  if (isString(use.recorded)) return JSON.stringify(live);
  const bare = live.slice(1, -1);
  return /^-?\d+$/.test(bare) ? bare : live;
}

function isString(token: string): boolean {
  return token.startsWith('"');
}

/** A path inside a payload as a path inside its message. */
export function inMessage(index: number, edits: readonly Edit[]): { path: Path; token: string }[] {
  return edits.map(({ path, token }) => ({ path: [index, ...path], token }));
}
