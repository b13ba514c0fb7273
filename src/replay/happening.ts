import type { AnsweredCall } from '../load/traffic.ts';
import type { JsonObject } from '../ocpp/json.ts';
import type { Message } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';
import type { Departure } from '../session/recording.ts';
import type { Bound } from './bindings.ts';
import type { Outgoing } from './outgoing.ts';
import type { PlannedConnection, RecordedCommand } from './plan.ts';

/** What happens to a virtual charger. Live connections are named by the number that it gave when it asked to dial. */
export type Happening =
  | { kind: 'opened'; socket: number }
  /** The CSMS refused the handshake, and may have said how long to wait, ms. */
  | { kind: 'refused'; socket: number; status: number; retryAfterMs: number | null }
  | { kind: 'failed'; socket: number; reason: string }
  /** A frame of the CSMS, as it went on record. */
  | { kind: 'frame'; socket: number; frame: Frame; message: Message | null }
  /** The CSMS ended the connection, or our end of it is complete. */
  | { kind: 'ended'; socket: number }
  /** An open connection is lost because that was asked for, and will be back, or be ended. */
  | { kind: 'away' | 'back'; socket: number }
  /** What came of making the CSMS send a command: null when it went well, else why it did not. */
  | { kind: 'driven'; command: number; failure: string | null }
  | { kind: 'tick' }
  /** It must end now, for this reason. */
  | { kind: 'stop'; reason: string };

/** What a virtual charger wants done, in this order. */
export type Deed =
  | { kind: 'dial'; socket: number; planned: PlannedConnection; again: boolean }
  | { kind: 'send'; socket: number; frame: Outgoing }
  /** FIN or reset; `ours` when the recorded charger did not end it here. */
  | { kind: 'end'; socket: number; how: 'fin' | 'reset'; ours: boolean }
  | { kind: 'bind'; bound: Bound; frame: number }
  /** A call was answered for the first time. */
  | ({ kind: 'answered' } & AnsweredCall)
  /** Somebody is to make the CSMS send this command. */
  | { kind: 'drive'; command: RecordedCommand; values: JsonObject }
  | {
      kind: 'done';
      complete: boolean;
      reason: string | null;
      notSent: number;
      departures: Omit<Departure, 'session'>[];
    };
