import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { expand, valueAt } from '../../ocpp/json.ts';
import { replaceTokens, tokenAt } from '../../ocpp/json-text.ts';
import {
  type Call,
  decodeMessage,
  encodeCallError,
  encodeCallResult,
  withMessageId,
} from '../../ocpp/message.ts';
import { protocolFor } from '../../ocpp/protocols.ts';
import { shiftTime } from '../../ocpp/time.ts';
import captures from './captures.json' with { type: 'json' };

type Captured = (typeof captures)[number];
type CapturedFrame = Captured['connections'][number][number];

const SUBPROTOCOL = 'ocpp1.6';
const PAYLOAD_OF_CALL = 3;
/** How long a charger stays after its last answer, so that the CSMS can still send what it has to say. */
const QUIET_MS = 200;
const ocpp = protocolFor(SUBPROTOCOL);

/** The chargers that the demo drives, in words. */
export const CHARGERS: readonly string[] = captures.map(({ charger }) => charger);

/** What a capture says about both sides: the charger's answers by action, and which transaction id answered which call. */
class Memory {
  readonly answers = new Map<string, string>();
  readonly #issued = new Map<string, string>();
  readonly #live = new Map<string, string>();

  constructor(frames: readonly CapturedFrame[]) {
    const actions = new Map<string, string>();
    for (const { sender, text } of frames) {
      const message = decodeMessage(text);
      if (message.type === 'call') actions.set(`${sender} ${message.messageId}`, message.action);
      if (message.type !== 'callResult') continue;
      const command = actions.get(`csms ${message.messageId}`);
      if (sender === 'charger' && command !== undefined) this.answers.set(command, text);
      const id = tokenAt(text, [2, 'transactionId']);
      if (sender === 'csms' && id !== undefined) this.#issued.set(message.messageId, id);
    }
  }

  /** Notes the transaction id that the live CSMS gave for the call with this message id. */
  learn(messageId: string, answer: string): void {
    const recorded = this.#issued.get(messageId);
    const live = tokenAt(answer, [2, 'transactionId']);
    if (recorded !== undefined && live !== undefined) this.#live.set(recorded, live);
  }

  /** The live transaction id for a captured one, each as its JSON token. */
  liveId(recorded: string): string | undefined {
    return this.#live.get(recorded);
  }
}

/** A captured call as it is sent now: with the live transaction id and with its times moved by whole seconds. */
function liveText(text: string, call: Call, memory: Memory, shiftSeconds: number): string {
  const recorded = tokenAt(text, [PAYLOAD_OF_CALL, 'transactionId']);
  const live = recorded === undefined ? undefined : memory.liveId(recorded);
  const ids = live === undefined ? [] : [{ path: [PAYLOAD_OF_CALL, 'transactionId'], token: live }];
  const times = ocpp
    .timePaths(call.action, 'call')
    .flatMap((pattern) => expand(call.payload, pattern))
    .map((path) => {
      const time = String(valueAt(call.payload, path));
      return { path: [PAYLOAD_OF_CALL, ...path], token: JSON.stringify(shiftTime(time, shiftSeconds)) };
    });
  return replaceTokens(text, [...ids, ...times]);
}

/** The answer to a live command: as captured for that action, else as a conforming charger gives it. */
function answerTo(command: Call, memory: Memory): string {
  const captured = memory.answers.get(command.action);
  if (captured !== undefined) return withMessageId(captured, command.messageId);
  const answer = ocpp.defaultAnswer(command.action, command.payload);
  return 'result' in answer
    ? encodeCallResult(command.messageId, JSON.stringify(answer.result))
    : encodeCallError(command.messageId, answer.errorCode, '', '{}');
}

/** Plays one connection of a charger: its calls in order, each after the answer to the one before. */
async function playConnection(
  url: string,
  frames: readonly CapturedFrame[],
  memory: Memory,
  shiftSeconds: number,
  speed: number,
): Promise<WebSocket> {
  const socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
  const ended = once(socket, 'close').catch(() => undefined);
  socket.on('error', () => socket.terminate());
  const answered = new Map<string, () => void>();
  socket.on('message', (data) => {
    const text = String(data);
    const message = decodeMessage(text);
    if (message.type === 'call') socket.send(answerTo(message, memory));
    else if (message.type !== 'malformed') {
      memory.learn(message.messageId, text);
      answered.get(message.messageId)?.();
    }
  });
  await once(socket, 'open');
  let lastMs = frames[0]?.atMs ?? 0;
  for (const { atMs, sender, text } of frames) {
    const message = decodeMessage(text);
    if (sender !== 'charger' || message.type !== 'call') continue;
    await setTimeout((atMs - lastMs) / speed);
    lastMs = atMs;
    const answer = new Promise<void>((resolve) => answered.set(message.messageId, resolve));
    socket.send(liveText(text, message, memory, shiftSeconds));
    await Promise.race([answer, ended]);
  }
  return socket;
}

/** Plays one charger; between two connections its link breaks, after the last one it closes in order. */
async function playCharger(
  base: string,
  { path, startMs, connections }: Captured,
  speed: number,
): Promise<void> {
  const memory = new Memory(connections.flat());
  const shiftSeconds = Math.floor((Date.now() - startMs) / 1000);
  for (const [index, frames] of connections.entries()) {
    const socket = await playConnection(`${base}${path}`, frames, memory, shiftSeconds, speed);
    await setTimeout(QUIET_MS);
    const ended = socket.readyState === WebSocket.CLOSED ? null : once(socket, 'close');
    if (index < connections.length - 1) socket.terminate();
    else socket.close(1000);
    await ended;
  }
}

/**
 * Drives the captured chargers, all at once, against a CSMS (or a recorder in front of it) at this URL, `speed` times as fast as they
 * were; resolves when all have said everything. Rejects when a connection fails.
 */
export async function driveCapturedChargers(url: string, speed: number): Promise<void> {
  await Promise.all(captures.map((captured) => playCharger(url, captured, speed)));
}
