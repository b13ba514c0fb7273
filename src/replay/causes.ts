import type { CausalEdge } from '../ocpp/protocol.ts';
import { isRefusal } from '../ocpp/refusal.ts';
import type { CallStep, Cause, RecordedCommand, Step } from './plan.ts';

/** A step this long after a command is no longer taken for its consequence, µs. */
const PROVOKED_WITHIN_US = 60_000_000;

/** Tells each step which recorded command provoked it: the first that matches after the command, once per edge of the protocol. */
export function assignCauses(steps: readonly Step[], commands: readonly RecordedCommand[]): void {
  let from = 0;
  for (const command of commands) {
    while ((steps[from]?.id ?? Number.POSITIVE_INFINITY) < command.id) from++;
    if (command.answers.some((answer) => isRefusal(answer.message))) continue;
    for (const edge of command.protocol.edges) {
      if (edge.command !== command.call.action) continue;
      const step = provokedStep(steps, from, command, edge);
      if (step) step.cause = { command, whenMissing: edge.whenMissing };
    }
  }
}

function provokedStep(
  steps: readonly Step[],
  from: number,
  command: RecordedCommand,
  edge: CausalEdge,
): (Step & { cause: Cause | null }) | null {
  for (let index = from; index < steps.length; index++) {
    const step = steps[index]!;
    if (step.offsetUs - command.offsetUs > PROVOKED_WITHIN_US) return null;
    if (edge.provokes === null ? ends(step, command.connection) : calls(step, command, edge)) {
      return step as Step & { cause: Cause | null };
    }
  }
  return null;
}

function calls(step: Step, command: RecordedCommand, edge: CausalEdge): step is CallStep {
  return (
    step.kind === 'call' &&
    step.cause === null &&
    step.call.action === edge.provokes &&
    edge.matches(command.call.payload, step.call.payload)
  );
}

function ends(step: Step, connection: number): boolean {
  if (step.connection !== connection) return false;
  return (step.kind === 'close' || (step.kind === 'end' && step.how !== 'csms')) && step.cause === null;
}
