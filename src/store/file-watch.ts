import { statSync } from 'node:fs';

/** Looking more often than this would cost more than it tells, ms. */
const EVERY_MS = 500;

/** What a look at an open recording tells. */
export interface FileLook {
  /** True once: the file was deleted, moved or replaced, and SQLite goes on writing to what nobody can find. */
  isGone: boolean;
  bytes: number;
  walBytes: number;
}

/** Looks at the file of an open recording and its WAL, at most twice a second. */
export class FileWatch {
  readonly #path: string;
  readonly #everyMs: number;
  readonly #inode: number | undefined;
  #lookedMs = performance.now();
  #isGone = false;

  constructor(path: string, everyMs = EVERY_MS) {
    this.#path = path;
    this.#everyMs = everyMs;
    this.#inode = inodeOf(path);
  }

  /** Null when the last look was a moment ago and nobody insists. */
  look(isUrgent = false): FileLook | null {
    const nowMs = performance.now();
    if (!isUrgent && nowMs - this.#lookedMs < this.#everyMs) return null;
    this.#lookedMs = nowMs;
    const wasGone = this.#isGone;
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    this.#isGone = stat?.ino !== this.#inode;
    const walBytes = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return { isGone: this.#isGone && !wasGone, bytes: stat?.size ?? 0, walBytes };
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
