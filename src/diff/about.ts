import type { Side } from '../ocpp/message.ts';
import type { Exchange } from './lane.ts';
import type { Scope } from './scope.ts';

/** What a finding about a command, or about a call that one side alone has, is about: another sort of it is another finding. */
export function about(
  { protocol }: Scope,
  { caller, action, call }: Exchange,
): { caller: Side; action: string; variety: string | null } {
  return { caller, action, variety: protocol.varietyOf(action, call.message.payload) };
}
