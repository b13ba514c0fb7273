import type { Finding } from '../diff/finding.ts';
import type { Subject } from '../filter/match.ts';
import { chargerTexts } from '../filter/message-subject.ts';

/** A finding as a filter sees it. */
export class FindingSubject implements Subject {
  readonly #finding: Finding;

  constructor(finding: Finding) {
    this.#finding = finding;
  }

  texts(field: string): readonly string[] {
    const { sessions, action, caller, kind, severity, status, path } = this.#finding;
    switch (field) {
      case 'charger':
        return sessions.flatMap(chargerTexts);
      case 'action':
        return action === null ? [] : [action];
      case 'direction':
        return caller === null ? [] : [caller];
      case 'kind':
        return [kind];
      case 'severity':
        return [severity];
      case 'status':
        return [status];
      case 'path':
        return [path];
      default:
        return [];
    }
  }

  number(): null {
    return null;
  }

  has(text: string): boolean {
    const { id, message, reason = '', sessions, examples, action, kind, path } = this.#finding;
    const said = examples.flatMap(({ baselineText = '', candidateText = '' }) => [
      baselineText,
      candidateText,
    ]);
    return [id, message, reason, action ?? '', kind, path, ...sessions, ...said].some((part) =>
      part.toLowerCase().includes(text),
    );
  }
}
