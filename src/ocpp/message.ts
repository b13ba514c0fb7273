import { type Json, mayNestDeeperThan, nestsDeeperThan, parseJson } from './json.ts';

/** The two sides of a connection. OCPP 1.6 calls them charge point and central system. */
export type Side = 'charger' | 'csms';

/** A decoded OCPP-J value (OCPP-J 1.6 §4.2). What cannot be decoded is a value too, never an exception. */
export type Message = Call | CallResult | CallError | Malformed;

/** What the array of a message has otherwise than OCPP-J 1.6 §4.2 says, such as `3 elements instead of 4`; absent when it is as it should be. */
interface Formed {
  oddity?: string;
}

/** `[2, messageId, action, payload]`: a request of either side. */
export interface Call extends Formed {
  type: 'call';
  messageId: string;
  action: string;
  payload: Json;
}

/** `[3, messageId, payload]`: the answer to a call. */
export interface CallResult extends Formed {
  type: 'callResult';
  messageId: string;
  payload: Json;
}

/** `[4, messageId, errorCode, errorDescription, errorDetails]`: the refusal of a call. */
export interface CallError extends Formed {
  type: 'callError';
  messageId: string;
  errorCode: string;
  errorDescription: string;
  errorDetails: Json;
}

/** A text that is no OCPP-J message, with the reason in words. */
export interface Malformed {
  type: 'malformed';
  reason: string;
}

/** The four kinds a frame's `message_type` column knows. */
export type MessageType = Message['type'];

/** Deeper nesting than any OCPP payload has (the schemas nest 5 deep) makes a text malformed, so that walks stay bounded. */
const MAX_NESTING = 256;

/**
 * Reads a text as OCPP-J (OCPP-J 1.6 §4.2). Never throws. Tolerated, because chargers do it: white space, a payload that is
 * null or missing (read as `{}`), missing errorDescription and errorDetails, a message id longer than 36, further elements.
 */
export function decodeMessage(text: string): Message {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return malformed(text.trim() === '' ? 'the text is empty' : 'the text is not JSON');
  }
  if (!Array.isArray(value)) return malformed('the JSON is not an array');
  if (mayNestDeeperThan(text, MAX_NESTING) && nestsDeeperThan(value, MAX_NESTING)) {
    return malformed(`the JSON is nested deeper than ${MAX_NESTING}`);
  }
  return messageOf(value);
}

function messageOf(array: Json[]): Message {
  const [type, messageId, third, fourth, fifth] = array;
  if (type !== 2 && type !== 3 && type !== 4) return malformed('the message type is not 2, 3 or 4');
  if (typeof messageId !== 'string') return malformed('the message id is not a string');
  if (type === 3) return { type: 'callResult', messageId, payload: third ?? {}, ...oddityOf(array, 3) };
  if (type === 2) {
    if (typeof third !== 'string') return malformed('the action is not a string');
    return { type: 'call', messageId, action: third, payload: fourth ?? {}, ...oddityOf(array, 4) };
  }
  if (typeof third !== 'string') return malformed('the error code is not a string');
  const errorDescription = typeof fourth === 'string' ? fourth : '';
  const errorDetails = fifth ?? {};
  return {
    type: 'callError',
    messageId,
    errorCode: third,
    errorDescription,
    errorDetails,
    ...oddityOf(array, 5),
  };
}

/** What of an array that should have so many elements, an object last, is not so. */
function oddityOf(array: readonly Json[], length: number): Formed {
  if (array.length !== length) return { oddity: `${array.length} elements instead of ${length}` };
  return array[length - 1] === null ? { oddity: 'null as its last element' } : {};
}

function malformed(reason: string): Malformed {
  return { type: 'malformed', reason };
}

/** Text of a call result whose payload is already JSON text. */
export function encodeCallResult(messageId: string, payloadText: string): string {
  return `[3,${JSON.stringify(messageId)},${payloadText}]`;
}

/** Text of a call error whose details are already JSON text (`{}` when there are none, OCPP-J 1.6 errata §3.7). */
export function encodeCallError(
  messageId: string,
  code: string,
  description: string,
  detailsText: string,
): string {
  return `[4,${[messageId, code, description].map((part) => JSON.stringify(part)).join(',')},${detailsText}]`;
}

/** The same message text with another message id and nothing else changed; a malformed text stays as it is. */
export function withMessageId(text: string, messageId: string): string {
  const head = /^(\s*\[[^,"]*,\s*)"[^"\\]*(?:\\.[^"\\]*)*"/s.exec(text);
  if (head === null) return text;
  return head[1] + JSON.stringify(messageId) + text.slice(head[0].length);
}

/** Index of the payload in the message's array; of a call error, that of its details. */
export function payloadIndex(type: Exclude<MessageType, 'malformed'>): number {
  return { call: 3, callResult: 2, callError: 4 }[type];
}
