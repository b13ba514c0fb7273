import type { Protocol } from '../ocpp/protocol.ts';
import { about } from './about.ts';
import { commandText } from './command-text.ts';
import type { IdMap } from './id-map.ts';
import { answerOf, type Exchange, endMonoUs } from './lane.ts';
import { report, type Scope } from './scope.ts';
import { severityOf } from './severity.ts';
import type { Stage } from './stage.ts';
import { REACTION_US } from './stimuli.ts';

/** What the baseline's CSMS sends at one time or another. */
export class KnownCommands {
  readonly #keys: ReadonlySet<string>;
  readonly #texts: ReadonlySet<string>;

  constructor({ protocol, ids }: Scope, baseline: readonly Exchange[]) {
    this.#keys = new Set(baseline.map((one) => keyOf(protocol, one)));
    this.#texts = new Set(baseline.map((one) => textOf(protocol, ids, 'baseline', one)));
  }

  /** Whether the baseline has a command of these key fields. */
  has({ protocol }: Scope, command: Exchange): boolean {
    return this.#keys.has(keyOf(protocol, command));
  }

  /** Whether the baseline has just the same request. */
  hasSame({ protocol, ids }: Scope, command: Exchange): boolean {
    return this.#texts.has(textOf(protocol, ids, 'candidate', command));
  }
}

function keyOf(protocol: Protocol, { action, call }: Exchange): string {
  return `${action} ${protocol.commandKey(action, call.message.payload)}`;
}

function textOf(protocol: Protocol, ids: IdMap, side: 'baseline' | 'candidate', command: Exchange): string {
  return `${command.action} ${commandText(protocol, ids, side, command)}`;
}

/** Reports a command that the baseline does not have, unless the baseline ended before it could have come; gives the finding, if there is one. */
export function reportUnexpected(
  scope: Scope,
  stage: Stage,
  known: KnownCommands,
  command: Exchange,
): string | null {
  if (followsOwnCall(scope, command)) {
    scope.tally.skip('command after a preamble');
    return null;
  }
  if (known.has(scope, command) && cameAfterBaseline(scope, stage, command)) {
    scope.tally.skip('command after the end of the baseline');
    return null;
  }
  const kind = known.hasSame(scope, command) ? 'command-repeated' : 'command-unexpected';
  return report(scope, {
    kind,
    severity: severityOf(scope.protocol, kind, command.action, []),
    ...about(scope, command),
    path: [],
    candidate: command.call.message.payload,
    candidateEvidence: command.call,
  });
}

/** Whether it came within 5 s of the answer to a call that only the run made. */
function followsOwnCall({ candidate }: Scope, { call: { frame } }: Exchange): boolean {
  return candidate.own.some((own) => {
    const answer = answerOf(own)?.frame;
    if (answer === undefined || answer.connection !== frame.connection || answer.id > frame.id) return false;
    return frame.monoUs - answer.monoUs <= REACTION_US;
  });
}

/** Whether the command came longer after the last answered call than the baseline lasted after that call's answer. */
function cameAfterBaseline(scope: Scope, stage: Stage, command: Exchange): boolean {
  const last = stage.lastAnsweredBefore(command);
  if (last === undefined) return false;
  const lastedUs = endMonoUs(scope.baseline, last.baseline) - answerOf(last.baseline)!.monoUs;
  return command.call.monoUs - answerOf(last.candidate)!.monoUs > lastedUs;
}
