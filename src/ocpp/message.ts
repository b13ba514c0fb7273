import type { Json } from './json.ts';

/** The two sides of a connection. OCPP 1.6 calls them charge point and central system. */
export type Side = 'charger' | 'csms';

/** A decoded OCPP-J value (OCPP-J 1.6 §4.2). What cannot be decoded is a value too, never an exception. */
export type Message = Call | CallResult | CallError | Malformed;

/** `[2, messageId, action, payload]`: a request of either side. */
export interface Call {
  type: 'call';
  messageId: string;
  action: string;
  payload: Json;
}

/** `[3, messageId, payload]`: the answer to a call. */
export interface CallResult {
  type: 'callResult';
  messageId: string;
  payload: Json;
}

/** `[4, messageId, errorCode, errorDescription, errorDetails]`: the refusal of a call. */
export interface CallError {
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
