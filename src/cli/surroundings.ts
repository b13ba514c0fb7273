import type { Comparison, Example } from '../diff/finding.ts';
import type { Rung, Surroundings } from '../diff/surroundings.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { Frame } from '../session/frame.ts';
import { frameText } from '../session/frame-text.ts';
import type { Link, Reader } from '../session/recording.ts';

/** Frames shown before and after the one that a finding is about, and findings that get them. */
const REACH = 5;
const MAX_FINDINGS = 200;

/** Where to look in one recording: the frame itself, or the one that replays another recording's frame. */
interface Place {
  finding: string;
  session: string;
  frame?: number | undefined;
  replays?: number | undefined;
}

/** What was found at a place, and the charger's last frame up to it with the frame that it replays. */
interface Found {
  rungs: Rung[];
  anchor: number | undefined;
  anchorReplays: number | undefined;
}

/**
 * What passed around the first example of each finding in both recordings, by finding id. Where one side has no frame (a command that
 * did not come), it is looked for beside the charger's frame before it. Reads each session that has findings, the gravest first.
 */
export async function surroundingsOf(
  { findings, summary }: Comparison,
  baseline: Reader,
  candidate: Reader,
): Promise<Map<string, Surroundings>> {
  const examples = findings
    .slice(0, MAX_FINDINGS)
    .flatMap(({ id, examples: [first] }) => (first ? [{ id, first }] : []));
  const at = (side: (example: Example) => number | undefined): Place[] =>
    examples.flatMap(({ id, first }) => {
      const frame = side(first);
      return frame === undefined ? [] : [{ finding: id, session: first.session, frame }];
    });
  const names = new Map(summary.renamedSessions?.map((pair) => [pair.candidate, pair.baseline]));
  const namedAsBaseline = (place: Place) => ({
    ...place,
    session: names.get(place.session) ?? place.session,
  });
  const before = await look(baseline, at(({ baselineFrame }) => baselineFrame).map(namedAsBaseline));
  const after = await look(
    candidate,
    at(({ candidateFrame }) => candidateFrame),
  );
  const lacking = (
    found: Map<string, Found>,
    place: (other: Found) => Partial<Place>,
    other: Map<string, Found>,
  ) =>
    examples.flatMap(({ id, first }): Place[] => {
      const seen = other.get(id);
      return found.has(id) || seen === undefined
        ? []
        : [{ finding: id, session: first.session, ...place(seen) }];
    });
  const besideBefore = await look(
    baseline,
    lacking(before, (one) => ({ frame: one.anchorReplays }), after).map(namedAsBaseline),
  );
  const besideAfter = await look(
    candidate,
    lacking(after, (one) => ({ replays: one.anchor }), before),
  );
  return new Map(
    examples.flatMap(({ id }) => {
      const left = before.get(id) ?? unmarked(besideBefore.get(id));
      const right = after.get(id) ?? unmarked(besideAfter.get(id));
      if (left === undefined && right === undefined) return [];
      return [[id, { baseline: left?.rungs ?? [], candidate: right?.rungs ?? [] }]];
    }),
  );
}

/** The neighbourhood of a frame that the finding is not about. */
function unmarked(found: Found | undefined): Found | undefined {
  return found && { ...found, rungs: found.rungs.map((rung) => ({ ...rung, here: false })) };
}

/** Reads the sessions of these places once each. */
async function look(reader: Reader, places: readonly Place[]): Promise<Map<string, Found>> {
  const bySession = new Map<string, Place[]>();
  for (const place of places) bySession.set(place.session, [...(bySession.get(place.session) ?? []), place]);
  const found = new Map<string, Found>();
  if (places.length === 0) return found;
  for await (const { id, endpoint, identity } of reader.sessions()) {
    const here = bySession.get(`${endpoint}/${identity}`);
    if (here !== undefined) await lookInSession(reader, id, here, found);
  }
  return found;
}

async function lookInSession(
  reader: Reader,
  session: number,
  places: readonly Place[],
  found: Map<string, Found>,
): Promise<void> {
  const byFrame = new Map(places.map((place) => [place.frame, place]));
  const byReplayed = new Map(places.map((place) => [place.replays, place]));
  const protocols = new Map<number, Protocol>();
  let recent: { frame: Frame; text: string }[] = [];
  let open: { frame: Frame; rungs: Rung[]; room: number }[] = [];
  let anchor: { frame: number; link: Link | null } | undefined;
  for await (const event of reader.events(session)) {
    if (event.kind !== 'frame') {
      protocols.set(event.connection.id, protocolFor(event.connection.subprotocol));
      continue;
    }
    const { frame, link } = event;
    if (frame.messageType === null) continue;
    const text = frameText(frame, protocols.get(frame.connection) ?? protocolFor(null));
    for (const one of open) one.rungs.push(rungOf(one.frame, frame, text));
    open = open.filter((one) => --one.room > 0);
    if (frame.sender === 'charger') anchor = { frame: frame.id, link };
    for (const place of new Set([
      byFrame.get(frame.id),
      link?.replays ? byReplayed.get(link.replays) : undefined,
    ])) {
      if (place === undefined || found.has(place.finding)) continue;
      const rungs = [...recent, { frame, text }].map((one) => rungOf(frame, one.frame, one.text));
      found.set(place.finding, {
        rungs,
        anchor: anchor?.frame,
        anchorReplays: anchor?.link?.replays ?? undefined,
      });
      open.push({ frame, rungs, room: REACH });
    }
    recent = [...recent, { frame, text }].slice(-REACH);
  }
}

function rungOf(here: Frame, frame: Frame, text: string): Rung {
  const offsetUs = frame.monoUs - here.monoUs;
  return { offsetUs, sender: frame.sender, text: text.replace(/ {2,}/g, ' '), here: frame.id === here.id };
}
