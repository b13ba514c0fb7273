import type { Json } from '../ocpp/json.ts';
import type { Connection } from '../session/connection.ts';
import type { Lane } from './lane.ts';
import { Pulse } from './pulse.ts';
import { median } from './rank-test.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';

/** How much longer than the usual interval without a ping means that there are none any more. */
const SILENT_INTERVALS = 2.5;

/** How many pings tell an interval well enough to compare it, and how many times as long another one must be to differ. */
const MIN_PINGS = 3;
const MIN_FACTOR = 1.25;

/** How long a pong is waited for, µs. */
const PATIENCE_US = 10_000_000;

/** The pings of one connection, and how long it lasted. */
interface Beat {
  pulse: Pulse;
  openUs: number;
  endUs: number;
  /** Usual time between pings of the CSMS, µs; null when it sent fewer than two. */
  intervalUs: number | null;
}

/** Compares how the CSMS pings on a connection, and whether it answers the charger's pings. */
export function comparePings(scope: Scope, baseline: Connection, candidate: Connection): void {
  const [before, after] = [beatOf(scope.baseline, baseline), beatOf(scope.candidate, candidate)];
  const [left, right] = [answersPings(before), answersPings(after)];
  if (left !== null && right !== null && left !== right) differ(scope, ['pong'], left, right);
  const isOther = stoppedIn(before, after) || stoppedIn(after, before) || isOtherInterval(before, after);
  if (isOther) differ(scope, ['interval'], intervalOf(before, after), intervalOf(after, before));
}

function beatOf(lane: Lane, connection: Connection): Beat {
  const pulse = lane.pulses.get(connection.id) ?? new Pulse();
  const pings = pulse.csmsPingsUs;
  return {
    pulse,
    openUs: connection.openedMonoUs,
    endUs: connection.closedMonoUs ?? lane.lastMonoUs,
    intervalUs: pings.length < 2 ? null : median(pings.slice(1).map((at, nth) => at - pings[nth]!)),
  };
}

/** Whether the CSMS answers the charger's pings; null when there were none, or none long enough before the end. */
function answersPings({ pulse, endUs }: Beat): boolean | null {
  if (pulse.leftUnanswered(endUs, PATIENCE_US)) return false;
  return pulse.answered > 0 ? true : null;
}

/** Whether the one side pings to its end and the other, which lasted long enough for it, does not. */
function stoppedIn(steady: Beat, other: Beat): boolean {
  if (steady.intervalUs === null) return false;
  const limitUs = SILENT_INTERVALS * Math.max(steady.intervalUs, other.intervalUs ?? 0);
  return silenceUs(steady) < limitUs && silenceUs(other) >= limitUs;
}

/** How long before its end the connection had its last ping of the CSMS, µs; without any, all its time. */
function silenceUs({ pulse, openUs, endUs }: Beat): number {
  return endUs - (pulse.csmsPingsUs.at(-1) ?? openUs);
}

function isOtherInterval(before: Beat, after: Beat): boolean {
  if (before.pulse.csmsPingsUs.length < MIN_PINGS || after.pulse.csmsPingsUs.length < MIN_PINGS) return false;
  const [shorter, longer] = [before.intervalUs!, after.intervalUs!].sort((a, b) => a - b);
  return longer! >= shorter! * MIN_FACTOR;
}

/** The interval of a side, s; undefined when it does not ping to the end as the other one does. */
function intervalOf(own: Beat, other: Beat): Json | undefined {
  if (own.intervalUs === null || stoppedIn(other, own)) return undefined;
  return Math.round(own.intervalUs / 100_000) / 10;
}

function differ(scope: Scope, path: string[], baseline: Json | undefined, candidate: Json | undefined): void {
  report(scope, {
    kind: 'ping',
    severity: severityOf(scope.protocol, 'ping', null, path),
    caller: null,
    action: null,
    path,
    ...(baseline !== undefined && { baseline }),
    ...(candidate !== undefined && { candidate }),
    baselineEvidence: words(path, baseline),
    candidateEvidence: words(path, candidate),
  });
}

function words([what]: readonly string[], value: Json | undefined): string {
  if (what === 'pong')
    return value === true ? 'Pings of the charger are answered.' : 'A ping of the charger is not answered.';
  return value === undefined ? 'The CSMS does not ping.' : `The CSMS pings every ${value} s.`;
}
