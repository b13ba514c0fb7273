import type { Database } from 'better-sqlite3';
import { ChargetapeError } from '../errors.ts';
import type { Gap, Recording } from '../session/recording.ts';
import { formatOf } from './migrations.ts';
import { openFile, reading } from './open-file.ts';
import { firstPartPath, namedParts } from './parts.ts';
import { type Places, placesOf } from './places.ts';
import { fromRow, recordingShape, selectSql } from './rows.ts';

/** One part of a recording, open for reading. */
export interface OpenPart {
  path: string;
  db: Database;
  recording: Recording;
  /** Where its frames are; made when first needed. */
  places: Places | null;
  /** The least frame id; null while there is none. */
  firstFrame: number | null;
  close(): void;
}

/**
 * The files of one recording: all parts that stand beside the one that was named, in order. Frame ids ascend from part to
 * part; a session or connection that goes on has a row in each, of which the last one counts.
 */
export class PartFiles {
  readonly #first: string;
  readonly #uuid: string;
  #parts: OpenPart[];

  /** Opens the named part and those beside it; see `openFile` for what it refuses. */
  constructor(path: string) {
    const named = openPart(path);
    this.#parts = [named];
    this.#first = firstPartPath(path, named.recording.part);
    this.#uuid = named.recording.uuid;
    this.refresh();
  }

  /** In order; at least one. */
  get parts(): readonly OpenPart[] {
    return this.#parts;
  }

  /** The head of the recording: that of its first part, with the end of the last. */
  get recording(): Recording {
    const last = this.#parts.at(-1)!.recording;
    return { ...this.#parts[0]!.recording, endedAtUs: last.continued ? null : last.endedAtUs };
  }

  /** Takes notice of parts that were begun since. */
  refresh(): void {
    const known = new Set(this.#parts.map(({ recording }) => recording.part));
    const found = namedParts(this.#first).filter(({ part }) => !known.has(part));
    for (const { path, part } of found) {
      const opened = openOther(path);
      if (opened?.recording.uuid === this.#uuid && opened.recording.part === part) this.#parts.push(opened);
      else opened?.close();
    }
    this.#parts.sort((a, b) => a.recording.part - b.recording.part);
  }

  /** The part that holds this frame, or would. */
  holding(frame: number): OpenPart {
    if (this.#parts.length === 1) return this.#parts[0]!;
    return this.#parts.findLast((part) => firstFrame(part) <= frame) ?? this.#parts[0]!;
  }

  /** Gaps where parts are missing. */
  missing(): Gap[] {
    const gaps: Gap[] = [];
    let before: Recording | null = null;
    let frames = 0;
    for (const { recording, db } of this.#parts) {
      if (recording.part > (before?.part ?? 0) + 1 && recording.framesBefore > frames) {
        const fromUs = before?.endedAtUs ?? before?.startedAtUs ?? recording.startedAtUs;
        gaps.push(missingGap(before, recording, fromUs, recording.framesBefore - frames));
      }
      before = recording;
      frames = recording.framesBefore + (this.#isFollowed(recording) ? countFrames(db) : 0);
    }
    if (before?.continued) gaps.push(missingGap(before, null, before.endedAtUs ?? before.startedAtUs, 0));
    return gaps;
  }

  close(): void {
    for (const part of this.#parts) part.close();
  }

  /** Whether the part after it is missing and another one is there: only then its frames have to be counted. */
  #isFollowed({ part }: Recording): boolean {
    const next = this.#parts.find(({ recording }) => recording.part > part);
    return next !== undefined && next.recording.part !== part + 1;
  }
}

function missingGap(before: Recording | null, after: Recording | null, fromUs: number, frames: number): Gap {
  const first = (before?.part ?? 0) + 1;
  const last = after === null ? null : after.part - 1;
  const parts = last === first ? `Part ${first} is` : `Parts ${first} to ${last ?? 'the last'} are`;
  const toUs = after?.startedAtUs ?? fromUs;
  return { fromUs, toUs, connection: null, frames, bytes: 0, reason: `${parts} missing.` };
}

function openPart(path: string): OpenPart {
  const { db, close } = openFile(path);
  try {
    const row = reading(path, () => db.prepare(`${selectSql(recordingShape)} ORDER BY part LIMIT 1`).get());
    if (row === undefined) throw new ChargetapeError('NOT_A_RECORDING', `${path} holds no recording.`);
    const recording = { ...fromRow(recordingShape, row), format: formatOf(db) };
    return { path, db, recording, places: null, firstFrame: null, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A file that looks like a part and cannot be read is a missing one. */
function openOther(path: string): OpenPart | null {
  try {
    return openPart(path);
  } catch {
    return null;
  }
}

function firstFrame(part: OpenPart): number {
  part.firstFrame ??= part.db.prepare<[], number>('SELECT min(id) FROM frame').pluck().get() ?? null;
  return part.firstFrame ?? Number.POSITIVE_INFINITY;
}

function countFrames(db: Database): number {
  return Number(db.prepare('SELECT count(*) FROM frame').pluck().get());
}

/** Where the frames and connections of all parts are. */
export class AllPlaces implements Places {
  readonly #files: PartFiles;

  constructor(files: PartFiles) {
    this.#files = files;
  }

  async refresh(): Promise<void> {
    this.#files.refresh();
    for (const part of this.#files.parts) {
      part.places ??= placesOf(part.db);
      await part.places.refresh();
    }
  }

  framesOf(connection: number, after: number): number[] {
    for (const { places } of this.#files.parts) {
      const page = places?.framesOf(connection, after) ?? [];
      if (page.length > 0) return page;
    }
    return [];
  }

  connectionsOf(session: number): number[] {
    const ids = this.#files.parts.flatMap(({ places }) => places?.connectionsOf(session) ?? []);
    return this.#files.parts.length === 1 ? ids : [...new Set(ids)].sort((a, b) => a - b);
  }
}
