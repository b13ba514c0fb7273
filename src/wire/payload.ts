import { createHash, type Hash } from 'node:crypto';
import { copyMasked } from './masking.ts';

const NO_KEY = Buffer.alloc(4);

/**
 * Collects a payload that comes in pieces: at most `cap` bytes of it, and the SHA-256 of all when it is longer.
 * Pieces are copied, so the caller's chunks are never held.
 */
export class Payload {
  readonly #cap: number;
  #bytes: Buffer = Buffer.alloc(0);
  #kept = 0;
  #hash: Hash | null = null;
  /** Bytes given so far, kept or not. */
  length = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Takes a piece; `key` unmasks it, `phase` is its place in its frame. `more` is what that frame still holds after it. */
  add(piece: Uint8Array, key: Uint8Array | null, phase: number, more: number): void {
    const fits = Math.min(piece.length, this.#cap - this.#kept);
    this.#reserve(this.#kept + fits, more);
    copyMasked(piece.subarray(0, fits), this.#bytes, this.#kept, key ?? NO_KEY, phase);
    this.#kept += fits;
    this.length += piece.length;
    if (this.length > this.#cap) this.#digest(piece, key, phase, fits);
  }

  /** What was kept of it, in one piece. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#kept);
  }

  /** Hex SHA-256 of all of it when it was longer than the cap; null when everything is in `bytes()`. */
  sha256(): string | null {
    return this.#hash?.copy().digest('hex') ?? null;
  }

  #reserve(needed: number, more: number): void {
    if (needed <= this.#bytes.length) return;
    const size = Math.max(needed, Math.min(needed + more, 2 * this.#bytes.length, this.#cap));
    const grown = Buffer.allocUnsafe(size);
    this.#bytes.copy(grown, 0, 0, this.#kept);
    this.#bytes = grown;
  }

  #digest(piece: Uint8Array, key: Uint8Array | null, phase: number, kept: number): void {
    this.#hash ??= createHash('sha256').update(this.bytes());
    const rest = Buffer.allocUnsafe(piece.length - kept);
    copyMasked(piece.subarray(kept), rest, 0, key ?? NO_KEY, phase + kept);
    this.#hash.update(rest);
  }
}
