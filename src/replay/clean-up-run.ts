import { protocolFor } from '../ocpp/protocols.ts';
import type { Connection } from '../session/connection.ts';
import type { Reader, Recorder, Session } from '../session/recording.ts';
import { Standings, type Undoing } from '../session/standings.ts';
import type { ServerUrl } from '../wire/url.ts';
import { cleanUp } from './clean-up.ts';
import { type Access, entryOf } from './credentials.ts';
import type { PlannedConnection } from './plan.ts';

/** A run to clean up after, and where. */
export interface CleanUpRunOptions {
  /** The run. */
  run: Reader;
  /** The recording that keeps what is said meanwhile. */
  recorder: Recorder;
  target: ServerUrl;
  access: Access;
  /** How long each answer is waited for, ms. */
  waitMs: number;
  /** Which of the run's sessions; all when not given. */
  sessions?: (session: Session) => boolean;
}

/** What was ended, and what could not be. */
export interface CleanUpRunSummary {
  sessions: number;
  calls: number;
  failures: { session: string; reason: string }[];
}

/** What one session of a run left standing. */
interface Leavings {
  session: Session;
  identity: string;
  calls: Undoing[];
  unnamed: string[];
  connection: Connection | null;
}

/** Ends what the sessions of a run that is over, by whatever end, left standing at the CSMS. Never rejects for the CSMS's sake. */
export async function cleanUpRun(options: CleanUpRunOptions): Promise<CleanUpRunSummary> {
  const summary: CleanUpRunSummary = { sessions: 0, calls: 0, failures: [] };
  const visits: Promise<void>[] = [];
  for await (const session of options.run.sessions()) {
    if (!(options.sessions?.(session) ?? true)) continue;
    const leavings = await leavingsOf(options.run, session);
    if (leavings.calls.length + leavings.unnamed.length === 0) continue;
    summary.sessions++;
    visits.push(visit(leavings, options, summary));
  }
  await Promise.all(visits);
  return summary;
}

async function leavingsOf(run: Reader, session: Session): Promise<Leavings> {
  const standings = new Standings();
  let connection: Connection | null = null;
  let protocol = protocolFor(null);
  for await (const event of run.events(session.id)) {
    if (event.kind === 'frame') standings.take(event.frame, protocol);
    else if (event.connection.status === 101) {
      connection = event.connection;
      protocol = protocolFor(connection.subprotocol);
    }
  }
  const bindings = await run.bindings(session.id);
  const renamed = bindings.find(({ idClass }) => idClass === 'identity');
  const identity = renamed ? String(JSON.parse(renamed.live)) : session.identity;
  return { session, identity, connection, calls: standings.undoings(new Date()), unnamed: standings.unnamed };
}

async function visit(
  leavings: Leavings,
  options: CleanUpRunOptions,
  summary: CleanUpRunSummary,
): Promise<void> {
  const { run, recorder, target, access, waitMs } = options;
  const { session, identity, connection, calls, unnamed } = leavings;
  const name = `${session.endpoint}/${session.identity}`;
  const fail = (reason: string) => summary.failures.push({ session: name, reason });
  for (const action of unnamed) fail(`${action}: it was not answered, so what it began cannot be named.`);
  if (calls.length === 0 || connection === null) return;
  const { id } = recorder.session(session.identity, session.endpoint);
  const entry = entryOf(recorder.recording.uuid, identity, access);
  const context = { target, recorder, source: run.recording.uuid, ...entry };
  const planned = plannedAgain(connection);
  const result = await cleanUp({ context, session: id, planned, calls, waitMs });
  summary.calls += result.done;
  for (const reason of result.failures) fail(reason);
}

function plannedAgain(recorded: Connection): PlannedConnection {
  const protocol = protocolFor(recorded.subprotocol);
  return { recorded, protocol, accepted: true, echoesClose: null, closedId: null };
}
