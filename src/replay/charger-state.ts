import { type Call, decodeMessage, type Message } from '../ocpp/message.ts';
import type { ChargerState } from '../ocpp/protocol.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import type { LiveCall } from './live-calls.ts';
import type { Outgoing } from './outgoing.ts';
import type { Plan } from './plan.ts';

/**
 * The state of a virtual charger, for commands to which the recording has no answer: what the recording tells of the charger, then what
 * it did in the run.
 */
export class LiveState {
  readonly state: ChargerState;
  /** Whether the CSMS has changed something of it that it did not change in the recording, or not so. */
  hasDiverged = false;

  constructor(plan: Plan) {
    const [first] = plan.connections.values();
    this.state = (first?.protocol ?? protocolFor(null)).newChargerState();
    for (const exchange of plan.recalled) this.state.recall(exchange);
    for (const { presumed, call, answers } of plan.commands)
      if (presumed) this.#hold(call, answers[0]?.message);
  }

  /** The charger answers a command; `isAsRecorded`: one of the recording that asks for the same. */
  answered(command: Call, isAsRecorded: boolean, [first]: readonly Outgoing[]): void {
    if (!first) return;
    const answer = decodeMessage(Buffer.from(first.payload).toString('utf8'));
    if (answer.type !== 'callResult') return;
    const isSetting = this.state.learn({ caller: 'csms', ...told(command), result: answer.payload });
    if (isSetting && !isAsRecorded) this.hasDiverged = true;
  }

  /** The CSMS has answered a call of the charger. */
  called({ call, answer }: LiveCall): void {
    if (answer?.type !== 'callResult' || call === null) return;
    this.state.learn({ caller: 'charger', ...told(call), result: answer.payload });
  }

  /** What the charger agreed to before the part that is played. */
  #hold(call: Call, answer: Message | undefined): void {
    if (answer?.type === 'callResult')
      this.state.learn({ caller: 'csms', ...told(call), result: answer.payload });
  }
}

function told({ action, payload }: Call): { action: string; call: Call['payload'] } {
  return { action, call: payload };
}
