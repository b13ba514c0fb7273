import Database from 'better-sqlite3';
import type { ChargerLog, Violation } from './csms-judge.ts';
import type { Reception } from './judging-relay.ts';

/** How the replay of one session went, by the run. */
export interface ReplayedSession {
  /** `endpoint/identity`, as recorded. */
  session: string;
  identity: string;
  isComplete: boolean;
  reason: string | null;
  notSent: number;
}

/** The sessions of a run, with their outcomes. */
export function replayedSessions(run: string): ReplayedSession[] {
  const database = new Database(run, { readonly: true });
  const sql = `SELECT endpoint || '/' || identity AS session, identity, complete, reason, not_sent
    FROM outcome JOIN session ON session.id = outcome.session`;
  const rows = database.prepare(sql).all() as (Omit<ReplayedSession, 'isComplete' | 'notSent'> & {
    complete: number;
    not_sent: number;
  })[];
  database.close();
  return rows.map(({ complete, not_sent: notSent, ...rest }) => {
    return { ...rest, isComplete: complete === 1, notSent };
  });
}

/**
 * What is wrong with a replayed session by what the CSMS saw of it, in words; none for a faithful one. `before` is what the judge says of
 * the capture: the captured charger's own faults aside.
 */
export function faultsOf(
  replayed: ReplayedSession,
  live: { log: ChargerLog; reception: Reception },
  before: ChargerLog,
): string[] {
  const { log, reception } = live;
  const faults = newViolations(log, before).map(({ kind, detail }) => `${kind}: ${detail}`);
  const unanswered = log.calls.filter(({ answer }) => answer === null).length;
  const outstanding = log.maxOutstanding - unanswered;
  if (outstanding > before.maxOutstanding) faults.push(`${outstanding} calls outstanding`);
  if (replayed.isComplete) {
    const missing = before.calls.length - log.calls.length - replayed.notSent;
    return missing > 0 ? [...faults, `${missing} calls are missing`] : faults;
  }
  const sentences = replayed.reason?.match(/[^.]+\./g) ?? [];
  if (sentences.length === 0) faults.push('incomplete without a reason');
  const untrue = sentences.filter((one) => !isTrue(one, log, reception));
  return [...faults, ...untrue.map((sentence) => `not true: ${sentence.trim()}`)];
}

function newViolations(live: ChargerLog, before: ChargerLog): Violation[] {
  const key = ({ kind, messageId }: Violation) => `${kind} ${messageId}`;
  const known = new Set(before.violations.map(key));
  return live.violations.filter((violation) => !known.has(key(violation)));
}

/** Whether a reason of an incomplete session is what the CSMS saw as well. */
function isTrue(reason: string, log: ChargerLog, { refused, endedByCsms }: Reception): boolean {
  const [, action] = /did not (?:answer|send) (\w+)/.exec(reason) ?? [];
  const status = /answered the handshake with (\d+)/.exec(reason)?.[1];
  if (reason.includes('did not answer'))
    return log.calls.some((call) => call.action === action && !call.answer);
  if (reason.includes('did not send')) return !log.commands.some((command) => command.action === action);
  if (status !== undefined) return refused.includes(Number(status));
  if (reason.includes('again and again')) return endedByCsms >= 4;
  if (reason.includes('stopped answering')) return log.calls.slice(-3).every(({ answer }) => answer === null);
  return false;
}
