import type { Frame } from '../session/frame.ts';

/** A frame without its payload, but for the few whose payload tells what stands at the charger. */
export type FrameColumns = Pick<
  Frame,
  | 'id'
  | 'connection'
  | 'atUs'
  | 'sender'
  | 'opcode'
  | 'messageType'
  | 'action'
  | 'answers'
  | 'latencyUs'
  | 'flags'
> & { payload: Uint8Array | null };
