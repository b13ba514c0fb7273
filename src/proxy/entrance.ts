import type net from 'node:net';
import type { TLSSocket, TLSSocketOptions } from 'node:tls';
import type { Ending } from '../session/connection.ts';
import type { AddressList } from '../wire/address-list.ts';
import { readClientHello } from '../wire/client-hello.ts';
import { readProxyHeader } from '../wire/proxy-protocol.ts';
import { secureAsServer, tlsFactsOf } from '../wire/tls-socket.ts';
import { unbuffered } from '../wire/unbuffered.ts';
import type { ListenAddress } from '../wire/url.ts';
import { firstBytes } from './first-bytes.ts';
import { type Guest, guestOf, sourceOf } from './guest.ts';
import { plainHttpAnswer } from './own-answer.ts';
import { Tap, type TapContext } from './tap.ts';

/** A server name (SNI) whose connections stay unread, and where they go; null for the CSMS. */
export interface Unread {
  serverName: RegExp;
  to: ListenAddress | null;
}

/** What happens to a connection before its first byte of HTTP. */
export interface EntranceRules {
  /** TLS for the next connection; null on a plain port. */
  tls: (() => TLSSocketOptions) | null;
  unread: readonly Unread[];
  /** A PROXY header comes first, from all peers or, if there are trusted ones, from these. */
  proxyProtocol: boolean;
  trusted: AddressList | null;
  /** Bounds PROXY header and TLS handshake together, ms. */
  handshakeTimeoutMs: number;
}

/** Where a connection goes from the entrance. */
export interface Rooms {
  welcome(guest: Guest): void;
  leaveUnread(guest: Guest, to: ListenAddress | null): void;
}

/** Why a connection does not get past the entrance, and how it ended. */
interface Failure {
  by: 'charger' | 'chargetape';
  ending: Ending;
  reason: string;
}

const LATE: Failure = { by: 'chargetape', ending: 'timeout', reason: 'No TLS handshake in time.' };
const STOPPED: Failure = { by: 'chargetape', ending: 'stopped', reason: 'Stopped in its TLS handshake.' };
const GONE: Failure = { by: 'charger', ending: 'fin', reason: 'Gone before its TLS handshake.' };

/** Takes connections in: reads a PROXY header, ends TLS, or sees that a connection is to stay unread. What fails here is on record. */
export class Entrance {
  readonly #rules: EntranceRules;
  readonly #context: TapContext;
  readonly #rooms: Rooms;
  readonly #entering = new Map<net.Socket, Promise<void>>();
  #isClosed = false;

  constructor(rules: EntranceRules, context: TapContext, rooms: Rooms) {
    this.#rules = rules;
    this.#context = context;
    this.#rooms = rooms;
  }

  /** Connections that are still coming in. */
  get size(): number {
    return this.#entering.size;
  }

  /** Takes a connection that was just accepted. */
  enter(raw: net.Socket): void {
    const guest = guestOf(raw);
    if (this.#rules.tls !== null || this.#expectsHeader(guest)) {
      this.#entering.set(raw, this.#receive(raw, guest));
    } else this.#rooms.welcome({ ...guest, socket: unbuffered(raw) });
  }

  /** Ends the connections that are still coming in. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const entering = [...this.#entering.values()];
    for (const raw of this.#entering.keys()) raw.destroy();
    await Promise.all(entering);
  }

  async #receive(raw: net.Socket, guest: Guest): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      raw.destroy();
    }, this.#rules.handshakeTimeoutMs);
    const failure = await this.#takeIn(raw, guest);
    clearTimeout(timer);
    this.#entering.delete(raw);
    if (failure !== null) this.#turnAway(raw, guest, isLate ? LATE : this.#isClosed ? STOPPED : failure);
  }

  async #takeIn(raw: net.Socket, guest: Guest): Promise<Failure | null> {
    if (this.#expectsHeader(guest)) {
      const failure = await readPeers(raw, guest);
      if (failure !== null) return failure;
    }
    const { tls, unread } = this.#rules;
    if (tls === null) {
      this.#rooms.welcome(guest);
      raw.resume();
      return null;
    }
    const first = await firstBytes(raw, readClientHello);
    if (first === null) return GONE;
    if (first.told.kind === 'other') return answerWithoutTls(raw, first.bytes);
    raw.unshift(first.bytes);
    const { serverName } = first.told;
    const left = unread.find((one) => serverName !== null && one.serverName.test(serverName));
    if (left) {
      this.#rooms.leaveUnread(guest, left.to);
      raw.resume();
      return null;
    }
    return this.#secure(raw, guest, tls());
  }

  async #secure(raw: net.Socket, guest: Guest, options: TLSSocketOptions): Promise<Failure | null> {
    const socket = secureAsServer(raw, options);
    const failure = await handshakeOf(socket);
    if (failure !== null) return failure;
    const tls = tlsFactsOf(socket);
    if (options.rejectUnauthorized && !tls?.verified) {
      const who = tls?.peerSubject ?? 'nobody';
      return refusal(`The client certificate of ${who} is not of a trusted authority, or not valid.`);
    }
    this.#rooms.welcome({ ...guest, socket, tls });
    return null;
  }

  #expectsHeader({ source }: Guest): boolean {
    const { proxyProtocol, trusted } = this.#rules;
    return proxyProtocol && (trusted === null || trusted.has(source?.host));
  }

  #turnAway(raw: net.Socket, guest: Guest, { by, ending, reason }: Failure): void {
    this.#context.stats.turnedAway++;
    const tap = new Tap(this.#context, sourceOf(guest), null);
    tap.turnedAway(by, ending, reason);
    raw.destroySoon();
  }
}

/** Reads the PROXY header; the guest is from then on who it tells. */
async function readPeers(raw: net.Socket, guest: Guest): Promise<Failure | null> {
  const first = await firstBytes(raw, readProxyHeader);
  if (first === null) return GONE;
  if (first.told.kind === 'none') return refusal('No PROXY header, where one must come first.');
  Object.assign(guest, first.told.peers);
  const rest = first.bytes.subarray(first.told.length);
  if (rest.length > 0) raw.unshift(rest);
  return null;
}

/** Waits for a TLS handshake; gives why it failed. */
function handshakeOf(socket: TLSSocket): Promise<Failure | null> {
  return new Promise((resolve) => {
    const settle = (failure: Failure | null) => {
      socket.off('secure', onSecure).off('error', onError).off('end', onGone).off('close', onGone);
      socket.on('error', () => {});
      resolve(failure);
    };
    const onSecure = () => settle(null);
    const onGone = () => settle(GONE);
    const onError = ({ code, message }: Error & { code?: string }) => {
      if (code === 'ECONNRESET') settle({ ...GONE, ending: 'reset' });
      else settle(refusal(`TLS handshake: ${code ?? message}.`));
    };
    socket.on('secure', onSecure).on('error', onError).on('end', onGone).on('close', onGone);
  });
}

/** Something that is no TLS on a TLS port: HTTP gets an answer in words, anything else its end. */
function answerWithoutTls(raw: net.Socket, bytes: Buffer): Failure {
  if (/^[A-Z]{1,16}( |$)/.test(bytes.toString('latin1', 0, 17))) raw.write(plainHttpAnswer());
  raw.end();
  return refusal('No TLS, on a port for TLS.');
}

function refusal(reason: string): Failure {
  return { by: 'chargetape', ending: 'refused', reason };
}
