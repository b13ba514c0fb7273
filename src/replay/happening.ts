import type { Message } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';
import type { Bound } from './bindings.ts';
import type { Outgoing } from './outgoing.ts';
import type { PlannedConnection } from './plan.ts';

/** What happens to a virtual charger. Live connections are named by the number that it gave when it asked to dial. */
export type Happening =
  | { kind: 'opened'; socket: number }
  | { kind: 'refused'; socket: number; status: number }
  | { kind: 'failed'; socket: number; reason: string }
  /** A frame of the CSMS, as it went on record. */
  | { kind: 'frame'; socket: number; frame: Frame; message: Message | null }
  /** The CSMS ended the connection, or our end of it is complete. */
  | { kind: 'ended'; socket: number }
  | { kind: 'tick' }
  | { kind: 'stop' };

/** What a virtual charger wants done, in this order. */
export type Deed =
  | { kind: 'dial'; socket: number; planned: PlannedConnection; again: boolean }
  | { kind: 'send'; socket: number; frame: Outgoing }
  /** FIN or reset; `ours` when the recorded charger did not end it here. */
  | { kind: 'end'; socket: number; how: 'fin' | 'reset'; ours: boolean }
  | { kind: 'bind'; bound: Bound; frame: number }
  | { kind: 'done'; complete: boolean; reason: string | null; notSent: number };
