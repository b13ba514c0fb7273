import type { Frame } from '../session/frame.ts';
import type { Reader, Session, Slice } from '../session/recording.ts';
import { chosenSessions, type Selection } from './session-plans.ts';

/** A stretch of the recording, µs since the epoch, with what was said in it. */
export interface Stretch {
  fromUs: number;
  toUs: number;
  calls: number;
}

/** What fits into a budget of time, and what does not. */
export interface Budgeted {
  slice: Slice;
  kept: Stretch & { kinds: number };
  dropped: Stretch[];
  /** Kinds of exchanges (caller, action and how it was answered) that only the dropped parts have. */
  lostKinds: string[];
}

/** Windows begin at multiples of their length divided by this. */
const STEPS = 8;

/** What was said in one step of time: how often, by kind. */
type Bucket = Map<string, number>;

/**
 * The window of this length that is worth most: with the most kinds of exchanges, then with the most calls; the first of equals.
 * The rest is dropped. Null when everything fits. NO_SUCH_SESSION.
 */
export async function budgeted(selection: Selection, windowUs: number): Promise<Budgeted | null> {
  const sessions = await chosenSessions(selection);
  const span = await spanOfFrames(selection, sessions);
  if (span === null || span.toUs - span.fromUs <= windowUs) return null;
  const stepUs = Math.max(1, Math.floor(windowUs / STEPS));
  const buckets = await bucketsOf(selection, sessions, span.fromUs, stepUs);
  const first = bestStart(buckets);
  const fromUs = span.fromUs + first * stepUs;
  const toUs = Math.min(span.toUs + 1, fromUs + windowUs);
  const inside = buckets.slice(first, first + STEPS);
  const outside = [buckets.slice(0, first), buckets.slice(first + STEPS)];
  const kinds = kindsOf(inside);
  const dropped = [
    { fromUs: span.fromUs, toUs: fromUs, calls: callsOf(outside[0]!) },
    { fromUs: toUs, toUs: span.toUs + 1, calls: callsOf(outside[1]!) },
  ].filter((stretch) => stretch.toUs > stretch.fromUs);
  return {
    slice: { fromUs, toUs },
    kept: { fromUs, toUs, calls: callsOf(inside), kinds: kinds.size },
    dropped,
    lostKinds: [...kindsOf(outside.flat())].filter((kind) => !kinds.has(kind)).sort(),
  };
}

async function spanOfFrames(
  { reader, slice }: Selection,
  sessions: readonly Session[],
): Promise<{ fromUs: number; toUs: number } | null> {
  let [fromUs, toUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const session of sessions) {
    for await (const { atUs } of framesOf(reader, session, slice)) {
      fromUs = Math.min(fromUs, atUs);
      toUs = Math.max(toUs, atUs);
    }
  }
  return fromUs <= toUs ? { fromUs, toUs } : null;
}

async function* framesOf(reader: Reader, session: Session, slice: Slice = {}): AsyncIterable<Frame> {
  for await (const event of reader.events(session.id, slice)) if (event.kind === 'frame') yield event.frame;
}

async function bucketsOf(
  { reader, slice }: Selection,
  sessions: readonly Session[],
  fromUs: number,
  stepUs: number,
): Promise<Bucket[]> {
  const buckets: Bucket[] = [];
  for (const session of sessions) {
    for await (const frame of framesOf(reader, session, slice)) {
      if (frame.action === null) continue;
      const index = Math.max(0, Math.floor((frame.atUs - fromUs) / stepUs));
      while (buckets.length <= index) buckets.push(new Map());
      const kind = `${frame.sender} ${frame.messageType} ${frame.action}`;
      buckets[index]!.set(kind, (buckets[index]!.get(kind) ?? 0) + 1);
    }
  }
  return buckets;
}

function bestStart(buckets: readonly Bucket[]): number {
  let best = { start: 0, kinds: -1, calls: -1 };
  for (let start = 0; start <= Math.max(0, buckets.length - STEPS); start++) {
    const window = buckets.slice(start, start + STEPS);
    const [kinds, calls] = [kindsOf(window).size, callsOf(window)];
    if (kinds > best.kinds || (kinds === best.kinds && calls > best.calls)) best = { start, kinds, calls };
  }
  return best.start;
}

function kindsOf(buckets: readonly Bucket[]): Set<string> {
  return new Set(buckets.flatMap((bucket) => [...bucket.keys()]));
}

function callsOf(buckets: readonly Bucket[]): number {
  let calls = 0;
  for (const bucket of buckets) {
    for (const [kind, count] of bucket) if (kind.split(' ')[1] === 'call') calls += count;
  }
  return calls;
}
