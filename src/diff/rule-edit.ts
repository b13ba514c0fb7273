import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import type { Finding } from './finding.ts';

/** One place whose findings are accepted, whatever their kind or only of one; high ones are not. */
export interface AcceptedPlace {
  action: string;
  /** JSON Pointer, `*` for array indexes. */
  path: string;
  kind: string | null;
}

/** What is written beside an accepted finding. */
export interface AcceptanceNote {
  reason: string;
  /** What was compared when it was accepted, such as `release 4.2 -> release 4.3`. */
  builds: string;
  author: string | null;
  /** Day of acceptance, and last day on which it holds; such as `2026-11-23`. */
  date: string;
  expires: string | null;
  chargers: string | null;
}

const HEAD = ' What may differ, and why. See "Rules" in the README of Chargetape.';

/** The text of a rules file with these findings accepted too; one that it accepts already is replaced. Its comments stay. */
export function withAccepted(text: string, findings: readonly Finding[], note: AcceptanceNote): string {
  const document = opened(text);
  for (const { id } of findings) removeFinding(document, id);
  for (const finding of findings) document.addIn(['accepted'], document.createNode(entryOf(finding, note)));
  return document.toString({ lineWidth: 0 });
}

/** The text of a rules file with the findings of one place accepted too. Its comments stay. */
export function withPlace(text: string, { action, path, kind }: AcceptedPlace, note: AcceptanceNote): string {
  const document = opened(text);
  const entry = { action, path, ...(kind !== null && { kind }), ...written(note) };
  document.addIn(['accepted'], document.createNode(entry));
  return document.toString({ lineWidth: 0 });
}

/** The text of a rules file that no longer accepts these findings, by id, and which of them it did accept. */
export function withoutAccepted(
  text: string,
  findings: readonly string[],
): { text: string; removed: string[] } {
  const document = opened(text);
  const removed = findings.filter((id) => removeFinding(document, id));
  return { text: removed.length > 0 ? document.toString({ lineWidth: 0 }) : text, removed };
}

function opened(text: string): Document {
  const document: Document = parseDocument(text);
  if (document.contents === null) {
    document.contents = document.createNode({}) as Document['contents'];
    document.commentBefore ??= HEAD;
  }
  if (!isMap(document.contents)) return document;
  const list = document.get('accepted');
  if (!isSeq(list)) document.set('accepted', document.createNode([]));
  const accepted = document.get('accepted');
  if (isSeq(accepted)) accepted.flow = false;
  return document;
}

/** Takes the acceptance of one finding out of a file; false when there is none. */
function removeFinding(document: Document, id: string): boolean {
  const list = document.get('accepted');
  if (!isSeq(list)) return false;
  const index = list.items.findIndex((item) => isMap(item) && sourceOf(item.get('finding', true)) === id);
  if (index < 0) return false;
  list.delete(index);
  return true;
}

/** A scalar as it is written: an id of digits alone is no number. */
function sourceOf(node: unknown): string | null {
  if (typeof node !== 'object' || node === null || !('value' in node)) return null;
  return 'source' in node && typeof node.source === 'string' ? node.source : String(node.value);
}

function entryOf(finding: Finding, note: AcceptanceNote): object {
  const { id, kind, action, path } = finding;
  return { finding: id, is: [kind, action, path].filter(Boolean).join(' '), ...written(note) };
}

function written({ reason, author, date, expires, chargers, builds }: AcceptanceNote): object {
  return {
    ...(chargers !== null && { chargers }),
    reason,
    ...(author !== null && { author }),
    date,
    builds,
    ...(expires !== null && { expires }),
  };
}
