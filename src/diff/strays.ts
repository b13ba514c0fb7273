import { writeJson } from '../ocpp/json.ts';
import { answerValue } from './answers.ts';
import { groupBy } from './group.ts';
import type { Exchange, Stray } from './lane.ts';
import { chargerOf, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Occurrence } from './tally.ts';

/** Characters of a stray text that tell it from others. */
const MAX_TEXT = 4096;

/** How many strays after a call are searched for its message id. */
const REACH = 100;

/** The strays of a candidate that its baseline does not have: answers to nothing, and texts that are no OCPP-J. */
export class Strays {
  /** By connection, in the order they came; those that stand for something else are taken out. */
  readonly #extra: Map<number, Stray[]>;

  constructor(scope: Scope) {
    const extra = extraStrays(scope).sort((a, b) => a.id - b.id);
    this.#extra = groupBy(extra, ({ connection }) => connection);
  }

  /** The stray that came in place of this call's answer: one that names its message id, else the next on its connection. */
  inPlaceOfAnswer({ call, messageId }: Exchange): Stray | undefined {
    const strays = this.#extra.get(call.connection) ?? [];
    const next = strays.findIndex(({ id }) => id > call.id);
    if (next < 0) return undefined;
    const near = strays.slice(next, next + REACH);
    const named = near.findIndex(({ text }) => messageId !== null && text.includes(messageId));
    return strays.splice(next + Math.max(0, named), 1)[0];
  }

  /** The text, no OCPP-J, that names the action of a command that is missing. */
  inPlaceOfCommand({ action }: Exchange): Stray | undefined {
    for (const strays of this.#extra.values()) {
      const index = strays.findIndex(
        ({ text, message }) => message.type === 'malformed' && text.includes(`"${action}"`),
      );
      if (index >= 0) return strays.splice(index, 1)[0];
    }
    return undefined;
  }

  /** Reports those that stand for nothing else. */
  report(scope: Scope): void {
    for (const stray of [...this.#extra.values()].flat().sort((a, b) => a.id - b.id)) {
      const { message } = stray;
      const kind = message.type === 'malformed' ? 'malformed' : 'orphan-answer';
      const occurrence: Occurrence = {
        kind,
        severity: severityOf(scope.protocol, kind, null, []),
        caller: null,
        action: null,
        path: [],
        candidate: kind === 'malformed' ? beginningOf(stray) : answerValue(stray),
        candidateEvidence: stray,
        session: scope.session,
        charger: chargerOf(scope),
      };
      if (message.type === 'malformed') scope.tally.add(occurrence);
      else scope.misdirected.orphan(message.messageId, occurrence);
    }
    this.#extra.clear();
  }
}

/**
 * A malformed text of the charger may or may not provoke an answer to nothing, and a recording may end before it: of a sort that the
 * baseline has too, the candidate may have as many as there were such texts.
 */
function extraStrays({ baseline, candidate, protocol }: Scope): Stray[] {
  const sort = (stray: Stray) => sortOf(stray, protocol.canonicalErrorCode);
  const known = groupBy(baseline.strays, sort);
  return [...groupBy(candidate.strays, sort)].flatMap(([key, strays]) => {
    const before = known.get(key)?.length ?? 0;
    const allowed = before === 0 ? 0 : Math.max(before, candidate.chargerMalformed);
    return strays.slice(allowed);
  });
}

/** What of a stray text is shown as its value. */
export function beginningOf({ text }: Stray): string {
  return text.slice(0, MAX_TEXT);
}

function sortOf(stray: Stray, canonical: (code: string) => string): string {
  const { message } = stray;
  if (message.type === 'callError') return `error ${canonical(message.errorCode)}`;
  if (message.type === 'callResult') return `result ${writeJson(message.payload)}`;
  return `malformed ${beginningOf(stray)}`;
}
