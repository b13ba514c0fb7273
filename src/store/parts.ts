import { readdirSync } from 'node:fs';
import { basename, dirname, join, parse } from 'node:path';
import type { Gap, Recording } from '../session/recording.ts';

/** When a part has had enough and another is begun. */
export interface PartLimits {
  /** Size of the file, bytes; null for any. */
  maxBytes: number | null;
  /** Whether a part ends with the day (UTC). */
  daily: boolean;
  /** Size of the WAL, bytes, null for any: a reader that holds on to what it reads keeps it from being used again. */
  maxWalBytes: number | null;
}

/** No limits: one part, unless its file is lost. */
export const ONE_PART: PartLimits = { maxBytes: null, daily: false, maxWalBytes: null };

/** A part was begun after another one. */
export interface NextPart {
  path: string;
  recording: Recording;
  /** The part before it, which is whole and waits to be finished; null when its file was lost. */
  closed: { path: string; endedAtUs: number } | null;
  /** What was lost with the part before it. */
  lost: Gap | null;
}

/** Where a part stands: the first as `fleet.db`, the others beside it as `fleet.2.db`, `fleet.3.db`. */
export function partPath(first: string, part: number): string {
  const { dir, name, ext } = parse(first);
  return part === 1 ? first : join(dir, `${name}.${part}${ext}`);
}

/** Where the first part stands, told from the path of any part that has kept its name. */
export function firstPartPath(path: string, part: number): string {
  const { dir, name, ext } = parse(path);
  const end = `.${part}`;
  return part > 1 && name.endsWith(end) ? join(dir, `${name.slice(0, -end.length)}${ext}`) : path;
}

/** Files beside the first part that are named as parts of it, by part number; whether they are, their uuid tells. */
export function namedParts(first: string): { path: string; part: number }[] {
  const { name, ext } = parse(first);
  const folder = dirname(first);
  return readdirSync(folder).flatMap((file) => {
    if (file === basename(first)) return [{ path: join(folder, file), part: 1 }];
    if (!file.startsWith(`${name}.`) || !file.endsWith(ext)) return [];
    const number = file.slice(name.length + 1, file.length - ext.length);
    return /^[1-9]\d*$/.test(number) && number !== '1'
      ? [{ path: join(folder, file), part: Number(number) }]
      : [];
  });
}
