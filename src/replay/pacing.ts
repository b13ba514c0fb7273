/** How fast recorded time passes in a run: a factor, or as fast as causality allows. */
export type Speed = number | 'max';

/** The absolute schedule of a run: one origin for all its sessions, so that their relative phase is kept. */
export interface Pacing {
  /** Monotonic clock of the run at its start, µs. */
  startUs: number;
  speed: Speed;
  /** Pauses of the recording that are cut short; none when not given. */
  cuts?: { offsetUs(offsetUs: number): number };
}

/** When something recorded `offsetUs` after the origin is due, µs of the run's clock. */
export function dueUs(pacing: Pacing, offsetUs: number): number {
  return pacing.startUs + scaledUs(pacing, pacing.cuts?.offsetUs(offsetUs) ?? offsetUs);
}

/** A recorded duration at the pace of the run, µs; 0 at full speed. */
export function scaledUs(pacing: Pacing, durationUs: number): number {
  return pacing.speed === 'max' ? 0 : Math.max(0, Math.round(durationUs / pacing.speed));
}
