import { Opcode } from '../session/frame.ts';
import type { Capture, CaptureLine } from './capture-file.ts';

/** A line with the capture it is from, counted from 0. */
export type OrderedLine = CaptureLine & { capture: number };

/**
 * Puts the lines of captures into one order. Within a file the lines of a connection keep theirs; between the two files
 * the clock decides, and at equal times tcp-open < handshake < frame < ping/pong < close < fin/err. The connections are
 * then merged by the clock the same way.
 */
export function inCaptureOrder(captures: readonly Capture[]): OrderedLine[] {
  const tracks = captures.flatMap((capture, index) => {
    const numbers = new Set([...capture.wire, ...capture.frames].map((line) => line.connection));
    return [...numbers].map((number) => {
      const own = (line: CaptureLine) => line.connection === number;
      const wire = capture.wire.filter((line) => own(line) && line.kind !== 'deflated');
      return merge([wire, capture.frames.filter(own)]).map((line) => ({ ...line, capture: index }));
    });
  });
  return merge(tracks);
}

/** Merges lists that keep their own order: always takes the least of the heads. */
function merge<T extends CaptureLine>(lists: readonly T[][]): T[] {
  const at = lists.map(() => 0);
  const merged: T[] = [];
  for (;;) {
    let least = -1;
    for (const [index, list] of lists.entries()) {
      const head = list[at[index]!];
      if (head && (least === -1 || compare(head, lists[least]![at[least]!]!) < 0)) least = index;
    }
    if (least === -1) return merged;
    merged.push(lists[least]![at[least]!++]!);
  }
}

function compare(a: CaptureLine, b: CaptureLine): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  return a.file === b.file ? a.line - b.line : rankOf(a) - rankOf(b);
}

function rankOf(line: CaptureLine): number {
  if (line.kind === 'control') return line.opcode === Opcode.close ? 4 : 3;
  return { open: 0, handshake: 1, frame: 2, deflated: 2, end: 5 }[line.kind];
}
