import type { ErrorCode } from '../errors.ts';
import type { Recording } from '../session/recording.ts';

/** What the viewer thread is started with. */
export interface ViewerData {
  path: string;
  follow: boolean;
}

/** A question to the viewer thread: a method of `Viewing` and what it takes. */
export interface ToViewer {
  number: number;
  method: 'fleet' | 'ladder' | 'ladderPlace' | 'nextTrouble' | 'detail' | 'sessionNamed' | 'known';
  args: unknown[];
}

/** What the viewer thread says. */
export type FromViewer =
  | { ready: Recording }
  /** It could not open the recording, or failed at a question. `code` is null for a mistake of our own. */
  | { failed: { number: number | null; code: ErrorCode | null; message: string } }
  | { number: number; answer: unknown }
  | { changed: true };
