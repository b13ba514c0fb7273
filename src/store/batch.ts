import type { MessageType, Side } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';
import type { AnswerSource, Entry, Link } from '../session/recording.ts';
import type { Cell } from './rows.ts';

/** Every entry but a frame and the link of one; few, so they travel as they are. */
export type OtherEntry = Exclude<Entry, { kind: 'frame' | 'link' }>;

/** The entries of one event-loop turn on their way to the writer thread: flat, so that a frame costs no object. */
export interface Batch {
  number: number;
  frames: number;
  /** Frames, links and other entries. */
  entries: number;
  /** Holds numbers and payloads; handing one buffer over costs half of handing over two. */
  bytes: ArrayBuffer;
  /** STRIDE numbers a frame; NaN is null. */
  numbers: Float64Array<ArrayBuffer>;
  /** Message id and action of each frame. */
  strings: (string | null)[];
  /** Payloads, one after the other. */
  payloads: Uint8Array<ArrayBuffer>;
  /** Fragment lengths and digest of the few frames that have them, by index of the frame. */
  extras: Map<number, { fragments: number[] | null; sha256: string | null }>;
  /** By the uuid of the recording that frames came from: LINK_STRIDE numbers for each; NaN is null. */
  links: Map<string, number[]>;
  others: OtherEntry[];
}

const STRIDE = 12;
const LINK_STRIDE = 4;

/** The words of frames and links that travel as numbers: each as its place here. SQLite takes a number far quicker than a word. */
export const WORDS = {
  sender: words<Side>('charger', 'csms'),
  messageType: words<MessageType>('call', 'callResult', 'callError', 'malformed'),
  source: words<AnswerSource>('recorded', 'action', 'state', 'default'),
};

function words<Word extends string>(...all: Word[]): readonly Word[] {
  return all;
}

const NO_EXTRAS: Batch['extras'] = new Map();

/** Scratch memory beyond this is given back after a batch. */
const SCRATCH_BYTES = 1 << 20;

/** Collects entries; copies what it is given, so that the caller may reuse its buffers. */
export class BatchBuilder {
  #frames = 0;
  #bytes = 0;
  #numbers = new Float64Array(STRIDE * 64);
  #payloads = new Uint8Array(16_384);
  #strings: (string | null)[] = [];
  #extras = NO_EXTRAS;
  #links: Batch['links'] = new Map();
  #linkCount = 0;
  #others: OtherEntry[] = [];

  /** True when there is nothing to post. */
  get isEmpty(): boolean {
    return this.entries === 0;
  }

  /** Frames collected. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames, links and other entries collected. */
  get entries(): number {
    return this.#frames + this.#linkCount + this.#others.length;
  }

  /** Bytes of payload collected. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a frame; throws when it is no frame, and then nothing was added. */
  addFrame(frame: Frame): void {
    const length = frame.payload.length;
    this.#makeRoom(length);
    this.#payloads.set(frame.payload, this.#bytes);
    const numbers = this.#numbers;
    let at = this.#frames * STRIDE;
    numbers[at++] = frame.id;
    numbers[at++] = frame.connection;
    numbers[at++] = frame.atUs;
    numbers[at++] = frame.monoUs;
    numbers[at++] = WORDS.sender.indexOf(frame.sender);
    numbers[at++] = frame.opcode ?? Number.NaN;
    numbers[at++] = frame.messageType === null ? Number.NaN : WORDS.messageType.indexOf(frame.messageType);
    numbers[at++] = frame.answers ?? Number.NaN;
    numbers[at++] = frame.latencyUs ?? Number.NaN;
    numbers[at++] = frame.wireBytes;
    numbers[at++] = frame.flags;
    numbers[at] = length;
    if (frame.fragments !== null || frame.sha256 !== null) this.#addExtras(frame);
    this.#strings.push(frame.messageId, frame.action);
    this.#frames++;
    this.#bytes += length;
  }

  /** Adds what a frame of a run replays. */
  addLink({ frame, recording, replays, scheduledUs, source }: Link): void {
    let links = this.#links.get(recording);
    if (links === undefined) {
      links = [];
      this.#links.set(recording, links);
    }
    const place = source === null ? Number.NaN : WORDS.source.indexOf(source);
    links.push(frame, replays ?? Number.NaN, scheduledUs ?? Number.NaN, place);
    this.#linkCount++;
  }

  /** Adds any other entry; it must not change any more (see `snapshot`). */
  addOther(entry: OtherEntry): void {
    this.#others.push(entry);
  }

  /** The collected entries as one batch; the builder is empty afterwards. */
  take(number: number): Batch {
    const count = this.#frames * STRIDE;
    const bytes = new ArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT + this.#bytes);
    const numbers = new Float64Array(bytes, 0, count);
    const payloads = new Uint8Array(bytes, numbers.byteLength);
    numbers.set(this.#numbers.subarray(0, count));
    payloads.set(this.#payloads.subarray(0, this.#bytes));
    const batch: Batch = {
      number,
      frames: this.#frames,
      entries: this.entries,
      bytes,
      numbers,
      strings: this.#strings,
      payloads,
      extras: this.#extras,
      links: this.#links,
      others: this.#others,
    };
    this.#frames = 0;
    this.#bytes = 0;
    this.#strings = [];
    this.#extras = NO_EXTRAS;
    if (this.#linkCount > 0) this.#links = new Map();
    this.#linkCount = 0;
    this.#others = [];
    if (this.#payloads.length > SCRATCH_BYTES) this.#payloads = new Uint8Array(16_384);
    return batch;
  }

  #addExtras(frame: Frame): void {
    if (this.#extras === NO_EXTRAS) this.#extras = new Map();
    this.#extras.set(this.#frames, { fragments: frame.fragments, sha256: frame.sha256 });
  }

  #makeRoom(payload: number): void {
    if ((this.#frames + 1) * STRIDE > this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    if (this.#bytes + payload > this.#payloads.length) {
      const larger = new Uint8Array(Math.max(this.#payloads.length * 2, this.#bytes + payload));
      larger.set(this.#payloads.subarray(0, this.#bytes));
      this.#payloads = larger;
    }
  }
}

/** A copy that shares nothing with the caller, who may go on changing the original. Throws when it cannot be copied. */
export function snapshot(entry: OtherEntry): OtherEntry {
  if (entry.kind !== 'connection' || entry.connection.refusalBody === null) return structuredClone(entry);
  // A body may be a view into a large read buffer, all of which would be cloned with it.
  const refusalBody = Uint8Array.from(entry.connection.refusalBody);
  return structuredClone({ kind: 'connection', connection: { ...entry.connection, refusalBody } });
}

/**
 * Calls back with the cells of each frame of a batch, in the order of `frameShape`, WORDS as numbers, and NaN for what is null, as
 * which SQLite takes it. The array is one and the same each time. `extraFlags` are set on every frame.
 */
export function eachFrame(batch: Batch, extraFlags: number, visit: (cells: Cell[]) => void): void {
  const { numbers, strings, payloads, extras } = batch;
  const cells: Cell[] = new Array(16).fill(null);
  let offset = 0;
  for (let index = 0; index < batch.frames; index++) {
    const at = index * STRIDE;
    const length = numbers[at + 11]!;
    const extra = extras.get(index);
    cells[0] = numbers[at]!;
    cells[1] = numbers[at + 1]!;
    cells[2] = numbers[at + 2]!;
    cells[3] = numbers[at + 3]!;
    cells[4] = numbers[at + 4]!;
    cells[5] = numbers[at + 5]!;
    cells[6] = numbers[at + 6]!;
    cells[7] = strings[index * 2]!;
    cells[8] = strings[index * 2 + 1]!;
    cells[9] = numbers[at + 7]!;
    cells[10] = numbers[at + 8]!;
    cells[11] = numbers[at + 9]!;
    cells[12] = numbers[at + 10]! | extraFlags;
    cells[13] = payloads.subarray(offset, offset + length);
    cells[14] = extra?.fragments ? JSON.stringify(extra.fragments) : null;
    cells[15] = extra?.sha256 ?? null;
    offset += length;
    visit(cells);
  }
}

/** Calls back with the cells of each link of a batch, in the order of `linkShape`; see `eachFrame`. */
export function eachLink({ links }: Batch, visit: (cells: Cell[]) => void): void {
  for (const [recording, numbers] of links) {
    for (let at = 0; at < numbers.length; at += LINK_STRIDE) {
      visit([numbers[at]!, recording, numbers[at + 1]!, numbers[at + 2]!, numbers[at + 3]!]);
    }
  }
}
