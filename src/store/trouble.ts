/** What may befall a recorder without ending it; a line of the log each. */
export type TroubleCode =
  | 'LOCKED'
  | 'DISK_FULL'
  | 'WRITE_FAILED'
  | 'RECOVERED'
  | 'FILE_GONE'
  | 'NEXT_PART'
  | 'NO_NEXT_PART'
  | 'CHORE_FAILED'
  | 'REMOVED'
  | 'HOLD_EXPIRED'
  | 'QUEUE_FULL'
  | 'NOT_RECORDED'
  | 'WRITER_DIED'
  | 'NOT_FINISHED';

/** One event of the recorder's health, for the log. */
export interface Trouble {
  code: TroubleCode;
  sentence: string;
}

/** A trouble that lasts, since when (µs). */
export type Fault = Trouble & { sinceUs: number };

/** Those that last until all that waits is on record again. */
const LASTING: readonly TroubleCode[] = [
  'LOCKED',
  'DISK_FULL',
  'WRITE_FAILED',
  'FILE_GONE',
  'HOLD_EXPIRED',
  'QUEUE_FULL',
  'WRITER_DIED',
  'NOT_FINISHED',
];

/** Whether a trouble lasts until `RECOVERED`. */
export function isLasting(code: TroubleCode): boolean {
  return LASTING.includes(code);
}

/** Troubles that may pass before the hold has run out; then that is told too. */
const SHORT: readonly TroubleCode[] = ['LOCKED', 'DISK_FULL', 'WRITE_FAILED'];

/** Whether with this trouble nothing may pass any more when there is to be no traffic without a record. */
export function isGrave(code: TroubleCode): boolean {
  return isLasting(code) && !SHORT.includes(code);
}

/** The trouble behind an error of SQLite's. */
export function troubleOf(path: string, error: { code: string; message: string }): Trouble {
  const { code, message } = error;
  const tail = 'Frames go on; what is queued will be tried again.';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return { code: 'LOCKED', sentence: `Another process holds a lock on ${path}. ${tail}` };
  }
  if (code === 'SQLITE_FULL') return { code: 'DISK_FULL', sentence: `No room is left for ${path}. ${tail}` };
  return { code: 'WRITE_FAILED', sentence: `${path} cannot be written (${code}: ${message}). ${tail}` };
}
