import type { Admission } from './admission.ts';
import type { Bindings } from './bindings.ts';
import type { Debts } from './debts.ts';
import type { Expectations } from './expectations.ts';
import { CLOSING_US, isEnding, isOver, type Line, type Lines } from './lines.ts';
import type { LiveCalls } from './live-calls.ts';
import { dueUs, type Pacing } from './pacing.ts';
import type {
  CallStep,
  Cause,
  CloseStep,
  DriveStep,
  EndStep,
  FinishStep,
  Issue,
  Plan,
  RecordedCommand,
  Step,
} from './plan.ts';
import type { SessionTurns } from './tag-turns.ts';
import type { Blame, Tally } from './tally.ts';

/** Whether the next step may be taken: now, later (`untilUs`, unless something happens before), or never, with a reason when that makes the session incomplete. */
export type Verdict =
  | { kind: 'go' }
  /** `isOwn`: for its time, or for answers that are owed to it: the CSMS has kept it waiting, if anybody has. */
  | { kind: 'wait'; untilUs: number; isOwn?: true }
  | { kind: 'skip'; reason: string | null; blame?: Blame | undefined }
  /** The session must not go on. */
  | { kind: 'stop'; reason: string };

/** What to do when a command that a step depends on does not come: take the step anyway, leave it out, or end the session. */
export type MissingCommandPolicy = 'continue' | 'skip-dependents' | 'stop';

/** All that a gate looks at. */
export interface Situation {
  plan: Plan;
  pacing: Pacing;
  waitUs: number;
  nowUs: number;
  /** When the step under judgement became the next one, µs. */
  headSinceUs: number;
  calls: LiveCalls;
  expectations: Expectations;
  bindings: Bindings;
  admission: Admission;
  lines: Lines;
  /** When the last step with a place before `id` was sent, or a connection was back that had been away since, µs. */
  sentBeforeUs(id: number): number;
  debts: Debts;
  tally: Tally;
  turns: SessionTurns | undefined;
  onMissingCommand: MissingCommandPolicy;
}

const GO: Verdict = { kind: 'go' };

/** The CSMS has this long after the answer that stimulated it to send what it sent in the recording, before we hang up, µs. */
const LAST_WORD_US = 5_000_000;

/** No quiet before an end is kept for longer than this, µs. */
const MAX_QUIET_US = 1_000_000;

/** Judges the next step: first its place and time, then the answers, ids and commands it depends on. */
export function judge(step: Step, at: Situation): Verdict {
  if (step.kind === 'finish') return judgeFinish(step, at);
  return firstOf([
    () => judgePlace(step, at),
    () => (step.kind === 'call' && step.orphan ? leftOut(step, at) : GO),
    () => own(waitUntil(dueUs(at.pacing, step.offsetUs), at)),
    () => judgeTurn(step, at),
    () => judgeOthersEnd(step, at),
    () => (step.kind === 'dial' ? GO : own(judgeAnswers(step, at))),
    () => waitUntil(at.expectations.heldUpUntilUs(LAST_WORD_US), at),
    () => (step.kind === 'call' || step.kind === 'drive' ? judgeIds(step, at) : GO),
    () => ('cause' in step && step.cause ? judgeCause(step.cause, at) : GO),
    () => (step.kind === 'call' ? judgeAdmission(step, at) : GO),
    () => (step.kind === 'close' || step.kind === 'end' ? judgeEnd(step, at) : GO),
  ]);
}

/** The first verdict that is not go; later ones are not asked for. */
function firstOf(verdicts: readonly (() => Verdict)[]): Verdict {
  for (const verdict of verdicts) {
    const given = verdict();
    if (given.kind !== 'go') return given;
  }
  return GO;
}

function own(verdict: Verdict): Verdict {
  return verdict.kind === 'wait' ? { ...verdict, isOwn: true } : verdict;
}

function waitUntil(untilUs: number, at: Situation): Verdict {
  return untilUs > at.nowUs ? { kind: 'wait', untilUs } : GO;
}

/** Is there a live connection to take the step on? */
function judgePlace(step: Step, at: Situation): Verdict {
  if (step.kind === 'dial') return GO;
  const line = at.lines.of(step.connection);
  if (!line || line.state === 'givenUp') return { kind: 'skip', reason: null };
  const ends = step.kind === 'close' || step.kind === 'end';
  if (line.state === 'over' || line.state === 'ending') return ends ? GO : { kind: 'skip', reason: null };
  if (line.state === 'open' || line.state === 'closing') return GO;
  return { kind: 'wait', untilUs: Number.POSITIVE_INFINITY };
}

/** What other sessions did before with the same tag is over first: whoever waits for that is bounded. */
function judgeTurn(step: Step, at: Situation): Verdict {
  const isMine = at.turns?.isMine(step) ?? true;
  return isMine ? GO : { kind: 'wait', untilUs: Number.POSITIVE_INFINITY };
}

/** What came after the end of another connection in the recording comes after its end here. */
function judgeOthersEnd(step: Step, at: Situation): Verdict {
  const waits = [...at.lines.active].some((line) => {
    const { closedId, recorded } = line.planned;
    return recorded.id !== step.connection && closedId !== null && closedId < step.id && isEnding(line);
  });
  return waits ? { kind: 'wait', untilUs: Number.POSITIVE_INFINITY } : GO;
}

/** Never more calls outstanding than in the recording. */
function judgeAnswers(step: Step, at: Situation): Verdict {
  const line = at.lines.of(step.connection);
  if (!line || isOver(line)) return GO;
  const deadlines = at.calls
    .open(line.socket, at.nowUs)
    .filter(({ step: { answeredBefore } }) => answeredBefore !== null && answeredBefore <= step.index)
    .map((call) => call.deadlineUs);
  return deadlines.length > 0 ? { kind: 'wait', untilUs: Math.min(...deadlines) } : GO;
}

/** A call that names an id issued before the recording, when those are to be left out. */
function leftOut({ orphan }: CallStep, at: Situation): Verdict {
  return { kind: 'skip', reason: null, blame: orphan ? at.tally.orphan(orphan) : undefined };
}

/** A charger that the CSMS does not admit asks again, and says nothing else but what it is asked for (OCPP 1.6 §4.2). */
function judgeAdmission({ admission, cause }: CallStep, at: Situation): Verdict {
  if (!admission || !at.admission.refuses(admission) || at.onMissingCommand === 'continue') return GO;
  if (cause && at.expectations.hasArrived(cause.command)) return GO;
  const wait = waitUntil(at.admission.waitedForUs(admission), at);
  if (wait.kind === 'wait') return wait;
  if (at.onMissingCommand === 'stop') {
    return { kind: 'stop', reason: `The CSMS did not accept ${admission.action}.` };
  }
  return {
    kind: 'skip',
    reason: null,
    blame: { kind: 'not-admitted', frame: admission, reason: null },
  };
}

function judgeIds(step: CallStep | DriveStep, at: Situation): Verdict {
  return firstOf(
    step.uses.map(
      ({ issue }) =>
        () =>
          judgeId(issue, at),
    ),
  );
}

/** Has the CSMS issued the id that stands for this one? Without it there is nothing true to send. */
function judgeId(issue: Issue, at: Situation): Verdict {
  if (at.bindings.knows(issue)) return GO;
  if ('command' in issue.by) return judgeCommand(at.plan.commands[issue.by.command]!, at, 'skip');
  const producer = at.plan.steps[issue.by.call] as CallStep;
  const call = at.calls.of(producer);
  if (!call) return { kind: 'skip', reason: null, blame: at.tally.blameOf(producer) };
  if (call.state === 'answered') return { kind: 'skip', reason: null };
  if (call.state === 'open' && at.nowUs < call.deadlineUs) return { kind: 'wait', untilUs: call.deadlineUs };
  const { action } = producer;
  return { kind: 'skip', reason: `The CSMS did not answer ${action}, so its ${issue.idClass} is not known.` };
}

function judgeCause({ command, whenMissing }: Cause, at: Situation): Verdict {
  return at.expectations.hasArrived(command) ? GO : judgeCommand(command, at, whenMissing);
}

/** Waits for a command; when it has not come in time (or came without the id), what depends on it is left out or done anyway. */
function judgeCommand(command: RecordedCommand, at: Situation, whenMissing: Cause['whenMissing']): Verdict {
  const { action } = command.call;
  const { expectations, onMissingCommand } = at;
  if (expectations.hasArrived(command)) return { kind: 'skip', reason: null };
  const scheduledUs = Math.max(dueUs(at.pacing, command.offsetUs), at.sentBeforeUs(command.id));
  const wait = waitUntil(expectations.deadlineUs(command, scheduledUs), at);
  if (wait.kind === 'wait') return wait;
  expectations.miss(command);
  const reason = `The CSMS did not send ${action}.`;
  if (onMissingCommand === 'stop') return { kind: 'stop', reason };
  if (onMissingCommand === 'continue' || whenMissing === 'continue') return GO;
  const isDue = expectations.isDue(command);
  return { kind: 'skip', reason: isDue ? reason : null, blame: at.tally.command(command, expectations) };
}

/** Before the charger ends a connection, the CSMS may finish what it had to say on it in the recording. */
function judgeEnd(step: CloseStep | EndStep, at: Situation): Verdict {
  const line = at.lines.of(step.connection);
  if (!line || isOver(line) || line.state === 'ending') return GO;
  if (step.kind === 'end' && step.how === 'csms') {
    return waitUntil(Math.max(dueUs(at.pacing, step.offsetUs), at.headSinceUs) + CLOSING_US, at);
  }
  return judgeHangUp(line, step, Math.min(step.quietUs, MAX_QUIET_US), at);
}

function judgeFinish(step: FinishStep, at: Situation): Verdict {
  return firstOf([
    () => waitUntil(dueUs(at.pacing, step.offsetUs), at),
    ...[...at.lines.active].map((line) => () => {
      if (line.state === 'dialing' || line.state === 'away')
        return { kind: 'wait', untilUs: Number.POSITIVE_INFINITY } as const;
      return line.state === 'open' ? judgeHangUp(line, step, MAX_QUIET_US, at) : GO;
    }),
  ]);
}

function judgeHangUp(line: Line, step: Step, quietUs: number, at: Situation): Verdict {
  return firstOf([
    () =>
      judgeAnswers({ ...step, connection: line.planned.recorded.id, index: Number.POSITIVE_INFINITY }, at),
    () => judgeLastWord(line, step.id, at),
    () => waitUntil(at.expectations.heldUpUntilUs(LAST_WORD_US), at),
    () => judgeDebts(line, at),
    () => waitUntil(Math.min(line.lastMessageUs + quietUs, at.headSinceUs + at.waitUs), at),
  ]);
}

/** What is owed on a connection is sent before its end. */
function judgeDebts(line: Line, at: Situation): Verdict {
  const untilUs = at.debts.nextUs(line.socket);
  return untilUs === Number.POSITIVE_INFINITY ? GO : waitUntil(untilUs, at);
}

/** Waits for commands that followed an answer of the CSMS within seconds, once that answer has come. */
function judgeLastWord(line: Line, beforeId: number, at: Situation): Verdict {
  let untilUs = 0;
  for (const command of at.expectations.outstanding(line.planned.recorded.id)) {
    if (command.stimulus === null || command.id > beforeId) continue;
    const call = at.calls.of(at.plan.steps[command.stimulus] as CallStep);
    if (!call || call.answeredUs === null) continue;
    const fromUs = Math.max(dueUs(at.pacing, command.offsetUs), call.answeredUs);
    untilUs = Math.max(untilUs, fromUs + LAST_WORD_US);
  }
  return waitUntil(untilUs, at);
}
