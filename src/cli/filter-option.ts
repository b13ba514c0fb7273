import type { Command } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { type Filter, parseFilter } from '../filter/filter.ts';
import { matches, type Origin } from '../filter/match.ts';
import { MessageSubject } from '../filter/message-subject.ts';
import { MESSAGES } from '../filter/vocabulary.ts';
import type { Reader, Session, SessionEvent, Slice } from '../session/recording.ts';
import { startOf } from './arguments.ts';

/** Adds `--filter`; its value is a filter that was understood. */
export function withFilterOption(command: Command, what: string): Command {
  return command.option('--filter <expression>', `${what}; see "The filter language"`, readFilter);
}

/** Reads a filter on messages. BAD_FILTER, with the place of the mistake. */
export function readFilter(text: string): Filter {
  const parsed = parseFilter(text, MESSAGES);
  if (parsed.ok) return parsed.filter;
  const sentence = `--filter, at character ${parsed.at + 1} (${rest(text, parsed.at)}): ${parsed.message}.`;
  throw new ChargetapeError('BAD_FILTER', sentence);
}

function rest(text: string, at: number): string {
  const from = text.slice(at, at + 20);
  return from === '' ? 'its end' : `"${from}${text.length > at + 20 ? '…' : ''}"`;
}

/** What `--filter` lets through of a recording. */
export class MessageFilter {
  readonly #filter: Filter;
  readonly #reader: Reader;
  readonly #origin: Origin;

  private constructor(filter: Filter, reader: Reader, origin: Origin) {
    this.#filter = filter;
    this.#reader = reader;
    this.#origin = origin;
  }

  /** A filter on this recording; its `+SECONDS` count from the recording's start. */
  static async of(filter: Filter, reader: Reader): Promise<MessageFilter> {
    return new MessageFilter(filter, reader, { startUs: await startOf(reader) });
  }

  /** The events of a session that it lets through. */
  async *events(session: Session, slice: Slice = {}): AsyncGenerator<SessionEvent> {
    const charger = `${session.endpoint}/${session.identity}`;
    for await (const event of this.#reader.events(session.id, slice)) {
      if (matches(this.#filter, new MessageSubject(event, charger), this.#origin)) yield event;
    }
  }

  /** Whether it lets anything of a session through. */
  async touches(session: Session, slice: Slice = {}): Promise<boolean> {
    for await (const _ of this.events(session, slice)) return true;
    return false;
  }

  /** The sessions of which it lets something through, by id. */
  async sessions(slice: Slice = {}): Promise<Set<number>> {
    const ids = new Set<number>();
    for await (const session of this.#reader.sessions()) {
      if (await this.touches(session, slice)) ids.add(session.id);
    }
    return ids;
  }
}

/** Says on standard error that a filter let nothing through: silence would look like an empty recording. */
export function tellNothing(what: string): void {
  process.stderr.write(`the filter matches no ${what}\n`);
}
