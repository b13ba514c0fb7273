import { readFileSync } from 'node:fs';
import { ChargetapeError } from '../errors.ts';

/** Files that are open beside connections: the recording, its log, watched files, libraries. */
const OTHERS = 100;

/** How many connections of chargers the process's open-file limit allows: two sockets each. Null where the system does not tell. */
export function connectionsAllowed(limits: string | null = ownLimits()): number | null {
  const sockets = socketsAllowed(limits);
  return sockets === null ? null : Math.floor(sockets / 2);
}

/** Refuses more virtual chargers in this process than it may have sockets. OPEN_FILES. */
export function requireSockets(chargers: number, limits: string | null = ownLimits()): void {
  const allowed = socketsAllowed(limits);
  if (allowed === null || chargers <= allowed) return;
  throw new ChargetapeError(
    'OPEN_FILES',
    `${chargers} chargers need ${chargers + OTHERS} open files; the limit of this process allows ${allowed} chargers.`,
  );
}

function socketsAllowed(limits: string | null): number | null {
  const limit = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return limit === undefined ? null : Math.max(0, Number(limit) - OTHERS);
}

/** The bound on connections: as asked for, else what open files allow. OPEN_FILES when they do not allow it. */
export function connectionBound(asked: number | undefined): number | undefined {
  const allowed = connectionsAllowed();
  if (asked !== undefined && allowed !== null && asked > allowed) {
    throw new ChargetapeError(
      'OPEN_FILES',
      `${asked} connections need ${2 * asked + OTHERS} open files; the limit of this process allows ${allowed} connections.`,
    );
  }
  return asked ?? allowed ?? undefined;
}

function ownLimits(): string | null {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return null;
  }
}
