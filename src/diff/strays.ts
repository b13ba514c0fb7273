import { writeJson } from '../ocpp/json.ts';
import { answerValue } from './answers.ts';
import { groupBy } from './group.ts';
import type { Exchange, Stray } from './lane.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';

/** Characters of a stray text that tell it from others. */
const MAX_TEXT = 4096;

/** The strays of a candidate that its baseline does not have: answers to nothing, and texts that are no OCPP-J. */
export class Strays {
  #extra: Stray[];

  constructor(scope: Scope) {
    this.#extra = extraStrays(scope);
  }

  /** The stray that came in place of this call's answer: one that names its message id, else the next on its connection. */
  inPlaceOfAnswer({ call, messageId }: Exchange): Stray | undefined {
    const later = this.#extra.filter(
      ({ frame }) => frame.connection === call.frame.connection && frame.id > call.frame.id,
    );
    return this.#take(
      later.find((stray) => messageId !== null && stray.text.includes(messageId)) ?? later[0],
    );
  }

  /** The text, no OCPP-J, that names the action of a command that is missing. */
  inPlaceOfCommand({ action }: Exchange): Stray | undefined {
    return this.#take(
      this.#extra.find(({ text, message }) => message.type === 'malformed' && text.includes(`"${action}"`)),
    );
  }

  /** Reports those that stand for nothing else. */
  report(scope: Scope): void {
    for (const stray of this.#extra) {
      const kind = stray.message.type === 'malformed' ? 'malformed' : 'orphan-answer';
      report(scope, {
        kind,
        severity: severityOf(scope.protocol, kind, null, []),
        caller: null,
        action: null,
        path: [],
        candidate: kind === 'malformed' ? beginning(stray) : answerValue(stray),
        candidateEvidence: stray,
      });
    }
    this.#extra = [];
  }

  #take(stray: Stray | undefined): Stray | undefined {
    if (stray !== undefined) this.#extra = this.#extra.filter((one) => one !== stray);
    return stray;
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

function beginning({ text }: Stray): string {
  return text.slice(0, MAX_TEXT);
}

function sortOf(stray: Stray, canonical: (code: string) => string): string {
  const { message } = stray;
  if (message.type === 'callError') return `error ${canonical(message.errorCode)}`;
  if (message.type === 'callResult') return `result ${writeJson(message.payload)}`;
  return `malformed ${beginning(stray)}`;
}
