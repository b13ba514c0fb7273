import { performance } from 'node:perf_hooks';

/** Monotonic clock of this process's machine run, µs. For durations, never for people. */
export function monoNowUs(): number {
  return Math.round(performance.now() * 1000);
}

/** Wall clock, µs since the epoch. Its resolution is a millisecond. */
export function wallNowUs(): number {
  return Date.now() * 1000;
}
