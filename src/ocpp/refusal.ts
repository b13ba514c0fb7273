import { isObject } from './json.ts';
import type { Message } from './message.ts';

/** Statuses by which a charger or CSMS agrees to do what was asked, now, later or after a restart. */
const AGREEMENT = new Set(['Accepted', 'AcceptedCanceled', 'Scheduled', 'RebootRequired', 'Unlocked']);

/** Whether an answer says no: a call error, or a result whose status is no agreement. A result without a status agrees. */
export function isRefusal(answer: Message): boolean {
  if (answer.type === 'callError') return true;
  if (answer.type !== 'callResult' || !isObject(answer.payload)) return false;
  const status = answer.payload.status;
  return typeof status === 'string' && !AGREEMENT.has(status);
}
