import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { durationText, localDay, localTime } from '../session/clock.ts';
import { closedText, openedText } from '../session/connection-text.ts';
import { frameText } from '../session/frame-text.ts';
import type { Gap, SessionEvent, Slice } from '../session/recording.ts';
import { visible } from '../session/visible.ts';

const ARROWS = { charger: 'charger → csms', csms: 'csms → charger', chargetape: 'chargetape' } as const;
const ARROW_WIDTH = 14;
const DURATION_WIDTH = 12;

/**
 * One session as a readable ladder, a line for each frame, opening and end: local time, seconds since the first line,
 * connection, who to whom, how long the answer took, what. Gaps stand where their time says.
 */
export async function* ladderLines(
  events: AsyncIterable<SessionEvent>,
  gaps: readonly Gap[] = [],
): AsyncIterable<string> {
  const waiting = [...gaps].sort((left, right) => left.fromUs - right.fromUs);
  const ladder = new Ladder();
  for await (const event of events) {
    const { atUs } = clockOf(event);
    const later = waiting.findIndex((gap) => gap.fromUs > atUs);
    const due = waiting.splice(0, later < 0 ? waiting.length : later);
    yield* due.filter((gap) => ladder.concerns(gap)).map(gapLine);
    yield* ladder.lines(event);
  }
  yield* waiting.filter((gap) => ladder.concerns(gap)).map(gapLine);
}

/** The gaps that touch a slice. */
export function gapsWithin(gaps: readonly Gap[], { fromUs = -Infinity, toUs = Infinity }: Slice): Gap[] {
  return gaps.filter((gap) => gap.toUs >= fromUs && gap.fromUs < toUs);
}

/** What is missing from a recording, in one line. */
export function gapLine(gap: Gap): string {
  const missing = `${gap.frames.toLocaleString('en')} frames (${gap.bytes.toLocaleString('en')} bytes) are missing`;
  const until = durationText(Math.max(0, gap.toUs - gap.fromUs));
  return visible(
    `${localDay(gap.fromUs)} ${localTime(gap.fromUs)}  ! gap of ${until}: ${missing}: ${gap.reason}`,
  );
}

/** Numbers the connections in the order of their first line, and knows what each speaks. */
class Ladder {
  readonly #connections = new Map<number, { number: number; subprotocol: string | null }>();
  #startUs: number | null = null;
  #day = '';

  *lines(event: SessionEvent): Iterable<string> {
    const { atUs, monoUs } = clockOf(event);
    this.#startUs ??= monoUs;
    const day = localDay(atUs);
    if (day !== this.#day) yield `── ${day} ──`;
    this.#day = day;
    const { number, subprotocol } = this.#connection(event);
    const { who, text, tookUs } = rungOf(event, protocolFor(subprotocol));
    const columns = [
      localTime(atUs),
      `+${((monoUs - this.#startUs) / 1e6).toFixed(3)}`.padStart(11),
      ` #${String(number).padEnd(2)}`,
      ARROWS[who].padEnd(ARROW_WIDTH),
      (tookUs === null ? '' : durationText(tookUs)).padStart(DURATION_WIDTH),
      text,
    ];
    yield columns.join(' ');
  }

  /** Whether a gap is one of all connections, or of one that was shown. */
  concerns(gap: Gap): boolean {
    return gap.connection === null || this.#connections.has(gap.connection);
  }

  #connection(event: SessionEvent): { number: number; subprotocol: string | null } {
    const id = event.kind === 'frame' ? event.frame.connection : event.connection.id;
    const known = this.#connections.get(id) ?? { number: this.#connections.size + 1, subprotocol: null };
    if (event.kind !== 'frame') known.subprotocol = event.connection.subprotocol;
    this.#connections.set(id, known);
    return known;
  }
}

/** When an event was, by the wall and by the monotonic clock. */
function clockOf(event: SessionEvent): { atUs: number; monoUs: number } {
  if (event.kind === 'frame') return event.frame;
  const { openedAtUs, openedMonoUs, closedAtUs, closedMonoUs } = event.connection;
  if (event.kind === 'opened') return { atUs: openedAtUs, monoUs: openedMonoUs };
  return { atUs: closedAtUs ?? openedAtUs, monoUs: closedMonoUs ?? openedMonoUs };
}

/** What one line tells: who did what, and how long the answer, the handshake or the whole connection took. */
interface Rung {
  who: keyof typeof ARROWS;
  text: string;
  tookUs: number | null;
}

function rungOf(event: SessionEvent, protocol: Protocol): Rung {
  if (event.kind === 'frame') {
    const { frame } = event;
    return { who: frame.sender, text: frameText(frame, protocol), tookUs: frame.latencyUs };
  }
  const { connection } = event;
  const { closedMonoUs, openedMonoUs, endedBy, handshakeUs } = connection;
  if (event.kind === 'opened') return { who: 'charger', text: openedText(connection), tookUs: handshakeUs };
  const tookUs = closedMonoUs === null ? null : closedMonoUs - openedMonoUs;
  return { who: endedBy ?? 'chargetape', text: closedText(connection), tookUs };
}
