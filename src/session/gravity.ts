import type { Connection } from './connection.ts';
import { type Frame, FrameFlag, Opcode } from './frame.ts';
import type { SessionEvent } from './recording.ts';

/** How bad a row of a recording is by itself, without anything to compare it with. */
export type Gravity = 'high' | 'medium' | 'low';

/** What of a frame tells its gravity; no payload. */
export type GravityColumns = Pick<Frame, 'messageType' | 'opcode' | 'flags' | 'answers'>;

/** Odd, and of little consequence. */
const ODD = FrameFlag.late | FrameFlag.duplicateAnswer | FrameFlag.unfinished | FrameFlag.reservedBits;

/** Gravity of a frame: unreadable is high, a call error medium, an answer to nothing or out of time low; null for nothing. */
export function frameGravity({ messageType, opcode, flags, answers }: GravityColumns): Gravity | null {
  const isControl = opcode !== null && opcode >= Opcode.close;
  if (messageType === 'malformed' || (messageType === null && !isControl)) return 'high';
  if (messageType === 'callError') return 'medium';
  if (messageType === 'callResult' && answers === null) return 'low';
  return flags & ODD ? 'low' : null;
}

/** Gravity of the opening of a connection: one that did not become a WebSocket is high. */
export function openingGravity({ kind, status }: Pick<Connection, 'kind' | 'status'>): Gravity | null {
  return kind !== 'websocket' || (status !== null && status !== 101) ? 'high' : null;
}

/** Gravity of the end of a connection: a reset or time-out is medium, and so is a close that tells trouble (RFC 6455 §7.4). */
export function endGravity({ ending, closeCode }: Pick<Connection, 'ending' | 'closeCode'>): Gravity | null {
  if (ending === 'reset' || ending === 'timeout' || ending === 'refused') return 'medium';
  if (closeCode !== null && ![1000, 1001, 1005].includes(closeCode)) return 'medium';
  return ending === 'fin' ? 'low' : null;
}

/** Gravity of a row of a session. */
export function gravityOf(event: SessionEvent): Gravity | null {
  if (event.kind === 'frame') return frameGravity(event.frame);
  return event.kind === 'opened' ? openingGravity(event.connection) : endGravity(event.connection);
}
