import { expand, type Json, parseJson, valueAt } from '../ocpp/json.ts';
import { knownTokenAt } from '../ocpp/json-text.ts';
import { payloadIndex } from '../ocpp/message.ts';
import type { IdClass, Part, Path, Protocol, Site } from '../ocpp/protocol.ts';
import type { IdUse, Issue } from './plan.ts';

/** A message as the ledger reads it. */
export interface LedgerEntry {
  action: string;
  part: Part;
  payload: Json;
  text: string;
}

/**
 * Which ids the recorded CSMS had issued, read in recorded order: the last issuing of a value before its use is its producer
 * (design: ids belong to classes; a value that was never issued is no id of the CSMS and stays as it is).
 */
export class IdLedger {
  readonly #issued = new Map<string, Issue>();
  /** The last uses of each action: calls of a long transaction share one list. */
  readonly #uses = new Map<string, readonly IdUse[]>();

  /** Notes what a message of the CSMS issues. */
  issues(protocol: Protocol, entry: LedgerEntry, by: Issue['by']): Issue[] {
    const issues: Issue[] = [];
    for (const { name, issued } of protocol.idClasses) {
      for (const { path, value, token } of idsAt(issued, entry)) {
        const issue: Issue = { idClass: name, path, recorded: token, by };
        this.#issued.set(`${name} ${value}`, issue);
        issues.push(issue);
      }
    }
    return issues;
  }

  /** The ids a message names that were issued before the recording, as far as that matters in their class. */
  orphans(protocol: Protocol, entry: LedgerEntry): { idClass: IdClass; path: Path; token: string }[] {
    return protocol.idClasses.flatMap((idClass) => {
      if (!idClass.orphans) return [];
      return idsAt(idClass.used, entry)
        .filter(
          ({ value }) => idClass.orphans?.isPlausible(value) && !this.#issued.has(`${idClass.name} ${value}`),
        )
        .map(({ path, token }) => ({ idClass, path, token }));
    });
  }

  /** Classes of the ids that a message names and nothing issued; `uses` are those that were. */
  unresolved(protocol: Protocol, entry: LedgerEntry, uses: readonly IdUse[]): string[] {
    return protocol.idClasses.flatMap(({ name, used }) =>
      idsAt(used, entry)
        .filter(({ path }) => !uses.some((use) => use.path.join('/') === path.join('/')))
        .map(() => name),
    );
  }

  /** Notes an id that a call issues which is not of the recording: it stands for the orphan of this exact text from now on. */
  adopt(issue: Issue): void {
    this.#issued.set(`${issue.idClass} ${idText(parseJson(issue.recorded))}`, issue);
  }

  /** The ids a message of the charger names that were issued before. */
  uses(protocol: Protocol, entry: LedgerEntry): readonly IdUse[] {
    const uses: IdUse[] = [];
    for (const { name, used } of protocol.idClasses) {
      for (const { path, value, token } of idsAt(used, entry)) {
        const issue = this.#issued.get(`${name} ${value}`);
        if (issue) uses.push({ path, recorded: token, issue });
      }
    }
    const before = this.#uses.get(entry.action) ?? [];
    if (isSame(before, uses)) return before;
    this.#uses.set(entry.action, uses);
    return uses;
  }
}

/** The ids that a message has at these sites: place, value as text, exact token. */
export function idsAt(
  sites: readonly Site[],
  entry: LedgerEntry,
): { path: Path; value: string; token: string }[] {
  return sites
    .filter((site) => site.action === entry.action && site.part === entry.part)
    .flatMap((site) => expand(entry.payload, site.path))
    .flatMap((path) => {
      const value = idText(valueAt(entry.payload, path));
      const token = value === null ? undefined : knownTokenAt(entry.text, [indexOf(entry.part), ...path]);
      return value === null || token === undefined ? [] : [{ path, value, token }];
    });
}

function isSame(before: readonly IdUse[], uses: readonly IdUse[]): boolean {
  return (
    before.length === uses.length &&
    before.every(({ path, recorded, issue }, at) => {
      const use = uses[at]!;
      return issue === use.issue && recorded === use.recorded && path.join('/') === use.path.join('/');
    })
  );
}

/** An id as plain text, a number and a string of the same digits alike; null for what is no id. */
export function idText(value: Json | undefined): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : null;
}

function indexOf(part: Part): number {
  return payloadIndex(part === 'call' ? 'call' : 'callResult');
}
