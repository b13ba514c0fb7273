import { ChargetapeError } from '../errors.ts';
import type { Frame } from '../session/frame.ts';
import type { Reader, Session, SessionEvent, SessionSummary, Slice } from '../session/recording.ts';
import { type Arrivals, cloneMap, cloneOf, isInShard, phaseOf, type Shard } from './clones.ts';
import { lapMap, lapOf } from './laps.ts';
import { MeterLaps } from './meter-laps.ts';
import { ownConnections } from './own-connections.ts';
import type { Plan, PlanRules } from './plan.ts';
import { PlanBuilder } from './plan-builder.ts';
import { MADE_UP_ID, Preamble, type PreambleMode } from './preamble.ts';
import { type MetersOn, type Renaming, StagedSession } from './staged-events.ts';
import { AS_RECORDED, type StagingMap } from './staging-map.ts';

/** What of a recording is to be played, and under which names. */
export interface Selection {
  reader: Reader;
  /** Which sessions; all when not given. */
  sessions?: (session: Session) => boolean;
  slice?: Slice;
  /** Names on the system under test; as recorded when not given. */
  staging?: StagingMap;
  /** What is played before sessions that begin in mid-life; `recorded` when not given. */
  preamble?: PreambleMode;
  /** What was decided about commands and transactions; nothing when not given. */
  rules?: PlanRules;
  /** How many chargers play each session; one when not given. */
  clones?: number;
  /** When the clones begin. */
  arrivals?: Arrivals;
  /** How often the sessions were played in this run before; 0 when not given. */
  lap?: number;
  /** Which of them play here; all when not given. */
  shard?: Shard;
}

/** One session ready to be played. */
export interface SessionPlan {
  plan: Plan;
  /** Identity it dials with. */
  identity: string;
  /** What it calls otherwise than in the recording. */
  renamings: readonly Renaming[];
  /** Frames of the recording that are played before its part of it. */
  preamble: ReadonlySet<number>;
  /** Prerequisites that were never recorded, in words. */
  missing: readonly string[];
  /** Which clone plays it; 0 for the original. */
  clone: number;
  /** How much later than in the recording it does everything, µs of the recording. */
  phaseUs: number;
}

/** All sessions to be played, and the wall clock of their first and last event, µs. */
export interface Selected {
  span: { fromUs: number; toUs: number };
  sessions: SessionPlan[];
}

/** Makes the plans of the sessions that are chosen. NO_SUCH_SESSION when there are none, USAGE when two get one name. */
export async function selectedPlans(selection: Selection): Promise<Selected> {
  const chosen = await chosenSessions(selection);
  refuseTwins(chosen, selection.staging ?? AS_RECORDED);
  const span = spanOf(chosen, beginningOf(selection));
  const sessions: SessionPlan[] = [];
  const { lap = 0, clones = 1, arrivals } = selection;
  const ground = { sessions: chosen.length, clones, spanUs: span.toUs - span.fromUs };
  for (const { session, clone } of players(chosen, selection)) {
    const phaseUs = phaseOf(clone, { ...ground, ...(arrivals && { arrivals }) });
    const staging = lapMap(cloneMap(selection.staging ?? AS_RECORDED, clone), lap);
    const made = await sessionPlan({ ...selection, staging }, session, span.fromUs - phaseUs);
    const named = lapOf(cloneOf(made.plan.session, clone), lap);
    sessions.push({ ...made, clone, phaseUs, plan: { ...made.plan, session: named } });
  }
  return { span, sessions };
}

/** Who plays here: each session as often as it has clones, as far as that is this shard's. */
export function players(
  chosen: readonly SessionSummary[],
  { clones = 1, shard = { index: 1, of: 1 } }: Selection,
): { session: SessionSummary; clone: number }[] {
  return chosen
    .flatMap((session) => Array.from({ length: clones }, (_, clone) => ({ session, clone })))
    .filter((_, place) => isInShard(place, shard));
}

/** Sessions that say something in the slice. NO_SUCH_SESSION when there are none. */
export async function chosenSessions({ reader, sessions, slice }: Selection): Promise<SessionSummary[]> {
  const chosen: SessionSummary[] = [];
  for await (const session of reader.summaries()) {
    if (session.firstAtUs === null || session.lastAtUs === null) continue;
    if (slice?.fromUs !== undefined && session.lastAtUs < slice.fromUs) continue;
    if (slice?.toUs !== undefined && session.firstAtUs >= slice.toUs) continue;
    if (sessions?.(session) ?? true) chosen.push(session);
  }
  if (chosen.length === 0) {
    throw new ChargetapeError('NO_SUCH_SESSION', 'The recording has no such session to replay.');
  }
  return chosen;
}

/** Certificates (SHA-256) that the recorded CSMS showed to the chosen sessions. NO_SUCH_SESSION. */
export async function recordedCertificates(selection: Selection): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const { id } of await chosenSessions(selection)) {
    for await (const event of selection.reader.events(id)) {
      const certificate = event.kind === 'frame' ? null : event.connection.csmsTls?.peerFingerprint;
      if (certificate) seen.add(certificate);
      break;
    }
  }
  return seen;
}

/** The slice; of a cut, that begins where the cut does: its connections may be older. */
function beginningOf({ reader: { recording }, slice = {} }: Selection): Slice {
  return recording.kind === 'cut' ? { fromUs: recording.startedAtUs, ...slice } : slice;
}

/** Wall clock of the first and last event to be replayed, µs. */
function spanOf(sessions: readonly SessionSummary[], slice: Slice = {}): { fromUs: number; toUs: number } {
  let fromUs = Number.POSITIVE_INFINITY;
  let toUs = Number.NEGATIVE_INFINITY;
  for (const { firstAtUs, lastAtUs } of sessions) {
    fromUs = Math.min(fromUs, firstAtUs ?? fromUs);
    toUs = Math.max(toUs, lastAtUs ?? toUs);
  }
  return { fromUs: Math.max(fromUs, slice.fromUs ?? fromUs), toUs: Math.min(toUs, slice.toUs ?? toUs) };
}

function refuseTwins(sessions: readonly Session[], staging: StagingMap): void {
  const names = new Map<string, string>();
  for (const { endpoint, identity } of sessions) {
    const live = `${endpoint}/${staging.identity(identity)}`;
    const twin = names.get(live);
    if (twin !== undefined) {
      throw new ChargetapeError('USAGE', `${twin} and ${identity} would both be called ${live}.`);
    }
    names.set(live, identity);
  }
}

/** Makes the plan of one session; `originUs` is the wall clock that all of the run count from. */
export async function sessionPlan(
  selection: Selection,
  session: Session,
  originUs: number,
): Promise<Omit<SessionPlan, 'clone' | 'phaseUs'>> {
  const builder = new PlanBuilder(originUs, selection.rules);
  const meters = await metersOn(selection, session);
  const staged = new StagedSession(session, selection.staging ?? AS_RECORDED, meters);
  const preamble = new Preamble(selection.preamble ?? 'recorded', session);
  let madeUp: Frame | null = null;
  for await (const event of playedEvents(selection, session, preamble)) {
    const live = staged.event(event);
    if (live.kind === 'frame' && live.id === MADE_UP_ID) madeUp = live.frame;
    builder.add(live);
  }
  const plan = builder.finish(session, ({ id, connection }) => {
    if (madeUp?.id === id) return madeUp;
    return staged.frame({ ...selection.reader.frame(id), connection });
  });
  const { ids, missing } = preamble;
  return { plan, identity: staged.identity, renamings: staged.renamings, preamble: ids, missing };
}

/** What lets the meters of a session go on in a later lap; nothing in the first. */
async function metersOn(selection: Selection, session: Session): Promise<MetersOn | undefined> {
  const { lap = 0 } = selection;
  if (lap === 0) return undefined;
  const laps = new MeterLaps();
  for await (const event of playedEvents(selection, session)) laps.look(event);
  return (protocol, action, call) => laps.edits(protocol, action, call, lap);
}

/** The events of a session that are played, under their recorded names: its part in the slice, and the preamble before it. */
export async function* playedEvents(
  { reader, slice, preamble: mode = 'recorded' }: Selection,
  session: Session,
  preamble = new Preamble(mode, session),
): AsyncIterable<SessionEvent> {
  const ours = await ownConnections(reader, session.id);
  if (mode !== 'none' && slice?.fromUs !== undefined) {
    for await (const event of reader.events(session.id, { toUs: slice.fromUs })) preamble.before(event);
  }
  for await (const event of reader.events(session.id, slice)) {
    if (!ours.has(connectionOf(event))) yield* preamble.with(event);
  }
}

function connectionOf(event: SessionEvent): number {
  return event.kind === 'frame' ? event.frame.connection : event.connection.id;
}
