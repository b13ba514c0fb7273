/**
 * Copies `source` to `target` at `at`, masked or unmasked with a 4-byte key (RFC 6455 §5.3: the same operation).
 * `phase` is the place of the first byte in its frame's payload. The source is left as it is.
 */
export function copyMasked(
  source: Uint8Array,
  target: Uint8Array,
  at: number,
  key: Uint8Array,
  phase: number,
): void {
  const length = source.length;
  for (let i = 0; i < length; i++) {
    target[at + i] = (source[i] as number) ^ (key[(phase + i) & 3] as number);
  }
}
