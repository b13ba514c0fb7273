import { type Json, valueAt } from '../ocpp/json.ts';
import { tokenAt } from '../ocpp/json-text.ts';
import { type Call, payloadIndex } from '../ocpp/message.ts';
import type { Expectations } from './expectations.ts';
import type { CallStep, Plan, Spoken } from './plan.ts';
import type { Edit } from './time-shift.ts';

/**
 * What a call has from the command that provoked it, where the live command says something else than the recorded one: a
 * remote start's tag, for one. A call that names the id which such a call was given says the same in the same place.
 */
export function carriedEdits(
  step: CallStep,
  { call }: Spoken,
  plan: Plan,
  expectations: Expectations,
): Edit[] {
  const own = fromCommand(step, call, expectations);
  const inherited = step.uses.flatMap(({ issue }) => {
    const producer = 'call' in issue.by ? (plan.steps[issue.by.call] as CallStep) : null;
    if (!producer?.cause) return [];
    const said = plan.spoken(producer).call;
    return fromCommand(producer, said, expectations).filter(({ path }) => {
      return isSame(valueAt(call.payload, path), valueAt(said.payload, path));
    });
  });
  const edits = new Map<string, Edit>();
  for (const edit of [...inherited, ...own]) edits.set(JSON.stringify(edit.path), edit);
  return [...edits.values()];
}

function fromCommand({ cause }: CallStep, call: Call, expectations: Expectations): Edit[] {
  const arrival = cause && expectations.arrival(cause.command);
  if (!arrival) return [];
  return cause.carries.flatMap(({ from, to }) => {
    const [recorded, live] = [valueAt(cause.command.call.payload, from), valueAt(arrival.call.payload, from)];
    const token = tokenAt(arrival.text, [payloadIndex('call'), ...from]);
    const isCarried = isSame(valueAt(call.payload, to), recorded) && !isSame(live, recorded);
    return isCarried && token !== undefined ? [{ path: to, token }] : [];
  });
}

/** Texts without regard to case (OCPP's identifiers are CiStrings). */
function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return typeof one === 'string' && typeof other === 'string'
    ? one.toLowerCase() === other.toLowerCase()
    : one === other;
}
