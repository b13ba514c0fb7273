import { decodeMessage, type Side } from '../../src/ocpp/message.ts';
import { protocolFor } from '../../src/ocpp/protocols.ts';
import { type Connection, type Ending, newConnection } from '../../src/session/connection.ts';
import { Opcode } from '../../src/session/frame.ts';
import { Observer } from '../../src/session/observe.ts';
import type { Link, Recording, Session, SessionEvent } from '../../src/session/recording.ts';
import { type Contents, MemoryReader } from './memory-reader.ts';

/** When scripts begin, µs since the epoch: 2026-03-01T08:00:00Z. */
export const SCRIPT_START_US = Date.UTC(2026, 2, 1, 8) * 1000;

/** µs between two lines of a script. */
const STEP_US = 1_000;

/** What a script may be told. */
export interface ScriptOptions {
  uuid?: string;
  /** The recording that this one is a run of: frames and connections are linked to their like in it. */
  runOf?: MemoryReader;
  /** µs after SCRIPT_START_US at which it begins. */
  startUs?: number;
}

/**
 * A recording written as a dialogue, one line an event. `session NAME` begins a charger, at the same time as the others; of it:
 *
 *     connect [status=N] [subprotocol=NAME] [extensions=TEXT] [header=NAME:VALUE ...] [new]   (`new`: replays no connection)
 *     > Action {payload}     the charger calls          < Action {payload}     the CSMS calls
 *     < {payload}            answers the oldest open call (`> {payload}`: the charger does)
 *     < !ErrorCode           refuses it                 < &Action {payload}    answers the oldest open call of that action
 *     < raw TEXT             a text as it is; `again TEXT` answers the last answered call once more
 *     > ping TEXT            a ping; `< pong TEXT` a pong
 *     +250                   ms pass
 *     charger|csms|chargetape close 1000 | fin | reset | stopped      the connection ends
 *     incomplete REASON      the run's outcome
 */
export function scripted(script: string, options: ScriptOptions = {}): MemoryReader {
  const writer = new ScriptWriter(options);
  for (const line of script.split('\n').map((one) => one.trim())) if (line !== '') writer.line(line);
  return new MemoryReader(writer.contents);
}

/** The same script as a run of `baseline`. */
export function runOf(baseline: MemoryReader, script: string, options: ScriptOptions = {}): MemoryReader {
  return scripted(script, { uuid: 'run', startUs: 3_600_000_000, ...options, runOf: baseline });
}

interface Open {
  id: string;
  action: string;
}

class ScriptWriter {
  readonly contents: Contents;
  readonly #source: Unlinked | null;
  readonly #startUs: number;
  #monoUs = 0;
  #nextId = 1;
  #nextMessage = 1;
  #session: Session | null = null;
  #connection: Connection | null = null;
  #observer = new Observer(protocolFor(null));
  #open: Record<Side, Open[]> = { charger: [], csms: [] };
  #answered: Record<Side, Open | null> = { charger: null, csms: null };

  constructor({ uuid = 'capture', runOf: source, startUs = 0 }: ScriptOptions) {
    this.#source = source === undefined ? null : new Unlinked(source);
    this.#startUs = SCRIPT_START_US + startUs;
    const recording: Recording = {
      uuid,
      part: 1,
      kind: source === undefined ? 'capture' : 'run',
      format: 1,
      toolVersion: 'test',
      label: null,
      upstream: 'ws://csms.example/ocpp',
      source: source?.recording.uuid ?? null,
      pseudonymKey: null,
      startedAtUs: this.#startUs,
      startedMonoUs: 0,
      endedAtUs: this.#startUs + 86_400_000_000,
      framesBefore: 0,
      shard: null,
      continued: false,
    };
    this.contents = { recording, sessions: [], events: new Map(), outcomes: [], gaps: [] };
  }

  line(line: string): void {
    this.#monoUs += STEP_US;
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ');
    if (word === 'session') this.#beginSession(text);
    else if (word === 'connect') this.#connect(rest);
    else if (word === '>') this.#say('charger', text);
    else if (word === '<') this.#say('csms', text);
    else if (word.startsWith('+')) this.#monoUs += Number(word) * 1_000 - STEP_US;
    else if (word === 'incomplete') this.contents.outcomes!.at(-1)!.reason = text;
    else this.#end(word as Side, rest);
    for (const outcome of this.contents.outcomes!) outcome.complete = outcome.reason === null;
  }

  #beginSession(name: string): void {
    const slash = name.lastIndexOf('/');
    const id = this.contents.sessions.length + 1;
    const [endpoint, identity] = slash < 0 ? ['/ocpp', name] : [name.slice(0, slash), name.slice(slash + 1)];
    const replays = this.#source?.session(`${endpoint}/${identity}`) ?? null;
    this.#session = { id, identity, endpoint, vendor: null, model: null, firmware: null, replays };
    this.#monoUs = 0;
    this.contents.sessions.push(this.#session);
    this.contents.events.set(id, []);
    if (this.#source) this.contents.outcomes!.push({ session: id, complete: true, reason: null, notSent: 0 });
  }

  #connect(words: string[]): void {
    const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const status = value('status') ?? '101';
    const id = this.#nextId++;
    this.#observer = new Observer(protocolFor(null));
    this.#open = { charger: [], csms: [] };
    this.#connection = {
      ...newConnection({
        id: id + 1_000,
        openedId: id,
        openedAtUs: this.#startUs + this.#monoUs,
        openedMonoUs: this.#monoUs,
      }),
      session: this.#session!.id,
      kind: 'websocket',
      target: `${this.#session!.endpoint}/${this.#session!.identity}`,
      requestHead: 'GET / HTTP/1.1\r\n\r\n',
      responseHead: status === 'none' ? null : responseHead(status, words),
      status: status === 'none' ? null : Number(status),
      handshakeUs: 900,
      offeredSubprotocols: 'ocpp1.6',
      subprotocol: value('subprotocol') ?? (status === '101' ? 'ocpp1.6' : null),
      extensions: value('extensions') ?? null,
      replays: words.includes('new') ? null : (this.#source?.connection(this.#session!.replays) ?? null),
    };
    this.#add({ kind: 'opened', id, connection: this.#connection });
  }

  #say(sender: Side, said: string): void {
    const [first = '', ...rest] = said.split(' ');
    const control = { ping: Opcode.ping, pong: Opcode.pong }[first];
    const text = control === undefined ? this.#text(sender, said) : rest.join(' ');
    const payload = Buffer.from(text);
    const id = this.#nextId++;
    const { frame } = this.#observer.message({
      id,
      connection: this.#connection!.id,
      atUs: this.#startUs + this.#monoUs,
      monoUs: this.#monoUs,
      sender,
      opcode: control ?? Opcode.text,
      payload,
      wireBytes: payload.length + 2,
      flags: 0,
      fragments: null,
      sha256: null,
    });
    const isLinked = sender === 'charger' && control === undefined;
    const link = isLinked ? (this.#source?.link(this.#session!.replays, id, text) ?? null) : null;
    this.#add({ kind: 'frame', id, frame, link });
  }

  #text(sender: Side, said: string): string {
    const peer = sender === 'charger' ? 'csms' : 'charger';
    if (said.startsWith('raw ')) return said.slice(4);
    if (said.startsWith('again ')) return `[3,"${this.#answered[sender]!.id}",${said.slice(6)}]`;
    if (said.startsWith('!')) return `[4,"${this.#answer(sender, peer).id}","${said.slice(1)}","",{}]`;
    if (said.startsWith('&')) {
      const [action, ...payload] = said.slice(1).split(' ');
      return `[3,"${this.#answer(sender, peer, action).id}",${payload.join(' ')}]`;
    }
    if (/^[{[n]/.test(said)) return `[3,"${this.#answer(sender, peer).id}",${said}]`;
    const [action = '', ...payload] = said.split(' ');
    const id = `${sender}-${this.#nextMessage++}`;
    this.#open[sender].push({ id, action });
    return `[2,"${id}","${action}",${payload.join(' ') || '{}'}]`;
  }

  #answer(sender: Side, peer: Side, action?: string): Open {
    const index = this.#open[peer].findIndex((open) => action === undefined || open.action === action);
    const [open] = this.#open[peer].splice(index, 1);
    if (index < 0 || open === undefined) throw new Error('the script answers a call that is not open');
    this.#answered[sender] = open;
    return open;
  }

  #end(endedBy: Connection['endedBy'], [ending, code]: string[]): void {
    const id = this.#nextId++;
    this.#connection = {
      ...this.#connection!,
      closedId: id,
      closedAtUs: this.#startUs + this.#monoUs,
      closedMonoUs: this.#monoUs,
      endedBy,
      ending: ending as Ending,
      closeCode: code === undefined ? null : Number(code),
    };
    this.#add({ kind: 'closed', id, connection: this.#connection });
  }

  #add(event: SessionEvent): void {
    this.contents.events.get(this.#session!.id)!.push(event);
  }
}

function responseHead(status: string, words: readonly string[]): string {
  const headers = words
    .filter((word) => word.startsWith('header='))
    .map((word) => word.slice(7).replace(':', ': '));
  return [`HTTP/1.1 ${status} `, ...headers, '', ''].join('\r\n');
}

/** The charger's frames and connections of a recording that no run has replayed yet. */
class Unlinked {
  readonly #uuid: string;
  readonly #sessions: Map<string, number>;
  readonly #events: Map<number, SessionEvent[]>;

  constructor({ contents }: MemoryReader) {
    this.#uuid = contents.recording.uuid;
    this.#sessions = new Map(contents.sessions.map((one) => [`${one.endpoint}/${one.identity}`, one.id]));
    this.#events = new Map([...contents.events].map(([session, events]) => [session, [...events]]));
  }

  session(name: string): number | null {
    return this.#sessions.get(name) ?? null;
  }

  connection(session: number | null): number | null {
    const event = this.#take(session, ({ kind }) => kind === 'opened');
    return event?.kind === 'opened' ? event.connection.id : null;
  }

  /** Link to the first frame that says the same; message ids and the order of keys aside. */
  link(session: number | null, frame: number, text: string): Link | null {
    const wanted = meaningOf(text);
    const event = this.#take(
      session,
      (one) =>
        one.kind === 'frame' &&
        one.frame.sender === 'charger' &&
        meaningOf(Buffer.from(one.frame.payload).toString()) === wanted,
    );
    if (event?.kind !== 'frame') return null;
    return { frame, recording: this.#uuid, replays: event.frame.id, scheduledUs: null, source: null };
  }

  #take(session: number | null, found: (event: SessionEvent) => boolean): SessionEvent | null {
    const events = session === null ? undefined : this.#events.get(session);
    const index = events?.findIndex(found) ?? -1;
    return index < 0 ? null : (events!.splice(index, 1)[0] ?? null);
  }
}

/** A charger's action, whatever ids the CSMS issued for it. */
function meaningOf(text: string): string {
  const message = decodeMessage(text);
  if (message.type !== 'call') return message.type;
  return `${message.action} ${protocolFor(null).callKey(message.action, message.payload)}`;
}
