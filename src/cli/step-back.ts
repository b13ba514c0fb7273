import { setPriority } from 'node:os';

/** Lower than what others run with (nice 0), and still answering keys at once. */
const NICE = 10;

/** Lets every other process go first from now on: who looks on at a recorder must not take its processor time. */
export function stepBack(): void {
  try {
    setPriority(NICE);
  } catch {
    // Not allowed here: then it looks on as it is.
  }
}
