import { statSync } from 'node:fs';

/** Looking more often than this would cost more than it tells, ms. */
const EVERY_MS = 1000;

/** Notices that a file was deleted, moved or replaced while it is open: SQLite goes on writing to what nobody can find. */
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

  /** True once, when the file is found to be gone. */
  hasGone(): boolean {
    const nowMs = performance.now();
    if (this.#isGone || nowMs - this.#lookedMs < this.#everyMs) return false;
    this.#lookedMs = nowMs;
    this.#isGone = inodeOf(this.#path) !== this.#inode;
    return this.#isGone;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
