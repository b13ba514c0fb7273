import type { Occurrence, Tally } from './tally.ts';

/**
 * Answers to nothing, of all sessions, held back until it is known which calls were left unanswered: an answer that went to another
 * charger, or out on another connection, follows from the lack of it where it belongs.
 */
export class Misdirected {
  readonly #unanswered = new Map<string, string>();
  readonly #orphans: { messageId: string; occurrence: Occurrence }[] = [];

  /** Notes the finding that tells of an unanswered call. */
  unanswered(messageId: string, finding: string): void {
    if (!this.#unanswered.has(messageId)) this.#unanswered.set(messageId, finding);
  }

  /** Takes an answer to nothing. */
  orphan(messageId: string, occurrence: Occurrence): void {
    this.#orphans.push({ messageId, occurrence });
  }

  /** Reports the answers to nothing. */
  report(tally: Tally): void {
    for (const { messageId, occurrence } of this.#orphans)
      tally.add({ ...occurrence, causedBy: this.#unanswered.get(messageId) });
  }
}
