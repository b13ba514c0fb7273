import Sqlite from 'better-sqlite3';

/** Writes rows; when they themselves are at fault they are refused with the reason, and others go on. */
export function writeOrRefuse(write: () => void, refuse: (reason: string) => void): void {
  try {
    write();
  } catch (error) {
    if (!isRowFault(error)) throw error;
    refuse(`The database refused a row: ${(error as Error).message}`);
  }
}

/** Whether a row can never be written, as opposed to a file that cannot be written now. */
function isRowFault(error: unknown): boolean {
  if (!(error instanceof Sqlite.SqliteError)) return true;
  return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(error.code);
}
