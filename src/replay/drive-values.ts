import { isObject, type Json, type JsonObject, parseJson } from '../ocpp/json.ts';
import { replaceTokens } from '../ocpp/json-text.ts';
import { decodeMessage, payloadIndex } from '../ocpp/message.ts';
import { type Bindings, inMessage } from './bindings.ts';
import type { LiveCalls } from './live-calls.ts';
import type { CallStep, DriveStep, Step } from './plan.ts';

/**
 * What somebody who is to make the CSMS send a command may need to know, by name: the command's own fields with live ids, then those of
 * the call that was given an id it names (its connector, its tag), then the ids that the CSMS issued last, by class.
 */
export function driveValues(
  { command, uses }: DriveStep,
  steps: readonly Step[],
  live: { bindings: Bindings; calls: LiveCalls },
): JsonObject {
  const ids = Object.entries(live.bindings.latest()).map(
    ([name, token]) => [name, parseJson(token)] as const,
  );
  const producers = uses.flatMap(({ issue }) => {
    if (!('call' in issue.by)) return [];
    return live.calls.of(steps[issue.by.call] as CallStep)?.call?.payload ?? [];
  });
  const text = replaceTokens(command.text, inMessage(payloadIndex('call'), live.bindings.edits(uses)));
  const message = decodeMessage(text);
  const payload = message.type === 'call' ? message.payload : {};
  return Object.assign(Object.fromEntries(ids), ...producers.map(fields), fields(payload));
}

function fields(payload: Json): JsonObject {
  return isObject(payload) ? payload : {};
}
