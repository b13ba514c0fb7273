import { InvalidArgumentError } from 'commander';
import { ChargetapeError } from '../errors.ts';
import type { Shard } from '../replay/clones.ts';
import type { Laps } from '../replay/laps.ts';
import { globPattern } from '../session/glob.ts';
import type { Reader, Session, Slice } from '../session/recording.ts';

/** `--speed`: a factor, or `max` for as fast as causality allows. */
export type Speed = number | 'max';

/** Parses `--speed`. */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max';
  const factor = Number(text);
  if (!(factor >= 0.001 && factor <= 1e6))
    throw new InvalidArgumentError('Give a factor from 0.001 to 1000000, or max.');
  return factor;
}

/** Parses a count of seconds above 0. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new InvalidArgumentError('Give seconds above 0.');
  return seconds;
}

/** Parses a length of time such as `90s`, `20m` or `1.5h`, in µs. */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(number) * ({ s: 1, m: 60, h: 3600 }[unit] ?? Number.NaN);
  if (!(seconds > 0)) throw new InvalidArgumentError('Give a length of time such as 90s, 20m or 1.5h.');
  return seconds * 1e6;
}

/** Parses a count of times above 0. */
export function parseTimes(text: string): number {
  const times = Number(text);
  if (!Number.isInteger(times) || times < 1) throw new InvalidArgumentError('Give a whole number above 0.');
  return times;
}

/** Parses how often a recording is played: `3`, or as long as `2h`. */
export function parseLaps(text: string): Laps {
  return /^\d+$/.test(text) ? { times: parseTimes(text) } : { forMs: parseDuration(text) / 1000 };
}

/** Parses a shard such as `1/4`. */
export function parseShard(text: string): Shard {
  const [, index, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!index || !of || index > of) throw new InvalidArgumentError('Give i/n, such as 1/4.');
  return { index, of };
}

/** Parses a count of milliseconds, 0 included. */
export function parseMilliseconds(text: string): number {
  const milliseconds = Number(text);
  if (!Number.isInteger(milliseconds) || milliseconds < 0) {
    throw new InvalidArgumentError('Give whole milliseconds, 0 or more.');
  }
  return milliseconds;
}

/** Parses a size such as `500kB`, `2GB` or `1048576`, in bytes. */
export function parseBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(k|M|G|T)?B?$/i.exec(text) ?? [];
  const bytes = Number(number) * 1000 ** ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase());
  if (!(bytes >= 1)) throw new InvalidArgumentError('Give a size such as 500kB, 100MB or 2GB.');
  return Math.round(bytes);
}

/** Collects a repeatable option. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** A moment given by the user: an ISO time, or seconds from the start of the recording. */
export type Moment = { atUs: number } | { fromStartUs: number };

/** Parses `--from` and `--to`: an ISO time or `+SECONDS`. */
export function parseMoment(text: string): Moment {
  const offset = /^\+(\d+(?:\.\d+)?)$/.exec(text);
  if (offset) return { fromStartUs: Math.round(Number(offset[1]) * 1e6) };
  const epochMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(epochMs)) throw new InvalidArgumentError('Give an ISO time or +SECONDS from the start.');
  return { atUs: epochMs * 1000 };
}

/** The part of a recording between two moments, half-open; moments from the start need its span. USAGE when it ends before it begins. */
export async function sliceOf(reader: Reader, from?: Moment, to?: Moment): Promise<Slice> {
  if (!from && !to) return {};
  const startUs = await startOf(reader);
  const resolve = (moment: Moment) => ('atUs' in moment ? moment.atUs : startUs + moment.fromStartUs);
  const slice = { ...(from && { fromUs: resolve(from) }), ...(to && { toUs: resolve(to) }) };
  const { fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY } = slice;
  if (fromUs < toUs) return slice;
  throw new ChargetapeError('USAGE', 'There is no time between --from and --to.');
}

/** When a recording begins, for times that count from there, µs since the epoch. */
export async function startOf(reader: Reader): Promise<number> {
  const span = await reader.span();
  const { kind, startedAtUs } = reader.recording;
  return kind === 'cut' || !span ? startedAtUs : span.fromUs;
}

/** Sessions that one of the globs names by identity, `endpoint/identity` or id; all when there are no globs. NO_SUCH_SESSION when none does. */
export async function selectSessions(
  reader: Reader,
  globs: string[] | undefined,
): Promise<(session: Session) => boolean> {
  if (!globs) return () => true;
  const chosen = new Set<number>();
  for (const glob of globs) {
    const before = chosen.size;
    const pattern = globPattern(glob);
    let matches = 0;
    for await (const session of reader.sessions()) {
      if (!names(session, glob, pattern)) continue;
      matches++;
      chosen.add(session.id);
    }
    if (matches === 0 && chosen.size === before) throw noSuchSession(reader, glob);
  }
  return (session) => chosen.has(session.id);
}

/** The one session that this identity or id names. NO_SUCH_SESSION, AMBIGUOUS_SESSION. */
export async function oneSession(reader: Reader, name: string): Promise<Session> {
  const found: Session[] = [];
  for await (const session of reader.sessions()) {
    if (names(session, name, null)) found.push(session);
  }
  const byId = found.find((session) => String(session.id) === name && session.identity !== name);
  const rest = found.filter((session) => session !== byId);
  const [first, second] = rest.length > 0 ? rest : found;
  if (first === undefined) throw noSuchSession(reader, name);
  if (second !== undefined) {
    const ids = rest.map((session) => `${session.id} (${session.endpoint}/${session.identity})`).join(', ');
    throw new ChargetapeError('AMBIGUOUS_SESSION', `"${name}" names ${rest.length} sessions: ${ids}.`);
  }
  return first;
}

function names(session: Session, name: string, pattern: RegExp | null): boolean {
  const path = `${session.endpoint}/${session.identity}`;
  if (String(session.id) === name || session.identity === name || path === name) return true;
  return pattern !== null && (pattern.test(session.identity) || pattern.test(path));
}

function noSuchSession(reader: Reader, name: string): ChargetapeError {
  return new ChargetapeError(
    'NO_SUCH_SESSION',
    `No session "${name}" in recording ${reader.recording.uuid}.`,
  );
}

/** Refuses a recording that holds no session: there is nothing to replay or compare in it. EMPTY_RECORDING. */
export async function requireSessions(reader: Reader): Promise<void> {
  for await (const _ of reader.sessions()) return;
  throw new ChargetapeError('EMPTY_RECORDING', `Recording ${reader.recording.uuid} holds no session.`);
}

/** Parses the seed of what happens by chance. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new InvalidArgumentError('Give a whole number.');
  return seed;
}
