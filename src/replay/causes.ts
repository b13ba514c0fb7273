import type { Json } from '../ocpp/json.ts';
import type { CausalEdge } from '../ocpp/protocol.ts';
import { isRefusal } from '../ocpp/refusal.ts';
import type { CallStep, CloseStep, EndStep, RecordedCommand, Step } from './plan.ts';

/** A step this long after a command is no longer taken for its consequence, unless the edge says otherwise, s. */
const PROVOKED_WITHIN_S = 60;

/**
 * Tells each step which recorded command provoked it: the first that matches after the command, once per edge of the protocol, or a
 * whole sequence where the edge says so, up to the next such command.
 */
export function assignCauses(
  steps: readonly Step[],
  commands: readonly RecordedCommand[],
  payloadOf: (step: CallStep) => Json,
): void {
  const agreed = commands.filter(
    ({ presumed, answers }) => !presumed && !answers.some((answer) => isRefusal(answer.message)),
  );
  const isLasting = (edge: CausalEdge) => edge.withinSeconds === Number.POSITIVE_INFINITY;
  for (const lasting of [false, true]) {
    let from = 0;
    for (const [turn, command] of agreed.entries()) {
      while ((steps[from]?.id ?? Number.POSITIVE_INFINITY) < command.id) from++;
      for (const edge of command.protocol.edges) {
        if (edge.command !== command.call.action || isLasting(edge) !== lasting) continue;
        const next = lasting ? agreed.find((one, at) => at > turn && isSame(one, command)) : undefined;
        assign(steps, { from, beforeId: next?.id ?? Number.POSITIVE_INFINITY, payloadOf }, command, edge);
      }
    }
  }
}

/** Whether two commands are of one action, so that the later one ends the sequence of the former. */
function isSame(one: RecordedCommand, other: RecordedCommand): boolean {
  return one.call.action === other.call.action;
}

function assign(
  steps: readonly Step[],
  { from, beforeId, payloadOf }: { from: number; beforeId: number; payloadOf: (step: CallStep) => Json },
  command: RecordedCommand,
  edge: CausalEdge,
): void {
  const { whenMissing, carries = [], withinSeconds = PROVOKED_WITHIN_S } = edge;
  const provoked: Json[] = [];
  for (let index = from; index < steps.length; index++) {
    const step = steps[index]!;
    const isLate = step.offsetUs - command.offsetUs > withinSeconds * 1e6;
    if (isLate || step.id >= beforeId) return;
    const payload = step.kind === 'call' && step.action === edge.provokes ? payloadOf(step) : null;
    if (edge.provokes === null ? !ends(step, command.connection) : !calls(step, payload, command, edge))
      continue;
    if (provoked.length > 0 && !edge.more?.(command.call.payload, payload, provoked)) continue;
    (step as CallStep | CloseStep | EndStep).cause = { command, whenMissing, carries };
    if (edge.more === undefined) return;
    provoked.push(payload);
  }
}

function calls(step: Step, payload: Json, command: RecordedCommand, edge: CausalEdge): step is CallStep {
  return (
    step.kind === 'call' &&
    step.cause === null &&
    step.action === edge.provokes &&
    edge.matches(command.call.payload, payload)
  );
}

function ends(step: Step, connection: number): step is CloseStep | EndStep {
  if (step.connection !== connection) return false;
  return (step.kind === 'close' || (step.kind === 'end' && step.how !== 'csms')) && step.cause === null;
}
