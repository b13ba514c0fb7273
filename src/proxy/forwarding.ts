import type net from 'node:net';
import { type AddressList, plainAddress } from '../wire/address-list.ts';
import type { RequestHead } from '../wire/head.ts';
import { hostOf } from '../wire/request-head.ts';
import { verifiedCertificateOf } from '../wire/tls-socket.ts';
import type { ServerUrl } from '../wire/url.ts';
import {
  type ClientCertificateHeader,
  claimsClientCertificate,
  clientCertificateHeaders,
} from './client-certificate.ts';
import { editHead } from './head-edits.ts';

/** How a request is changed on its way to the CSMS. */
export interface ForwardingRules {
  server: ServerUrl;
  /** Host becomes the CSMS's own. */
  rewritesHost: boolean;
  /** How a verified client certificate is told; null when none is asked for. */
  clientCertificate: ClientCertificateHeader | null;
  /** X-Forwarded-For and X-Forwarded-Proto are written. */
  forwards: boolean;
  /** Proxies whose own X-Forwarded headers are believed. */
  trusted: AddressList;
}

/** A connection whose request is forwarded: its socket, who the peer is (a trusted proxy, maybe), and whether it came over TLS. */
export interface ForwardedPeer {
  socket: net.Socket;
  /** Address of the peer without its port: behind a PROXY header, the one that it tells. */
  address: string | null;
  isSecured: boolean;
}

const FORWARDED = new Set(['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'x-real-ip']);

/** Changes request heads on their way to the CSMS as the rules say; null when they say nothing, and heads go as they came. */
export function forwardingOf(rules: ForwardingRules): Forwarding | null {
  const { server, rewritesHost, clientCertificate, forwards } = rules;
  const changes = server.path !== '' || rewritesHost || clientCertificate !== null || forwards;
  return changes ? new Forwarding(rules) : null;
}

/** See `forwardingOf`. */
export class Forwarding {
  readonly #rules: ForwardingRules;

  constructor(rules: ForwardingRules) {
    this.#rules = rules;
  }

  /** The head (latin1) as the CSMS gets it. */
  edit(text: string, head: RequestHead, peer: ForwardedPeer): string {
    const { server, rewritesHost, clientCertificate, forwards, trusted } = this.#rules;
    const believes = trusted.has(peer.address);
    return editHead(text, {
      basePath: server.path.replace(/\/+$/, ''),
      host: rewritesHost ? hostOf(server) : null,
      drops: (name) =>
        (clientCertificate !== null && claimsClientCertificate(name)) ||
        (forwards && (believes ? name === 'x-forwarded-for' : FORWARDED.has(name))),
      adds: [
        ...(clientCertificate === null ? [] : certificateHeaders(clientCertificate, peer.socket)),
        ...(forwards ? forwardedHeaders(head, peer, believes) : []),
      ],
    });
  }
}

/** The address of the charger: what the trusted proxies in between say of it, else the peer's own. */
export function chargerAddressOf(
  head: RequestHead,
  peer: string | null,
  trusted: AddressList,
): string | null {
  const chain = (head.get('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  let address = peer;
  while (trusted.has(address)) {
    const before = bareAddress(chain.pop() ?? '');
    if (before === '') break;
    address = before;
  }
  return address;
}

function certificateHeaders(how: ClientCertificateHeader, socket: net.Socket): [string, string][] {
  const certificate = verifiedCertificateOf(socket);
  return certificate === null ? [] : clientCertificateHeaders(how, certificate);
}

function forwardedHeaders(head: RequestHead, peer: ForwardedPeer, believes: boolean): [string, string][] {
  const before = believes ? head.get('x-forwarded-for') : null;
  const own = peer.address ?? 'unknown';
  const chain: [string, string] = ['X-Forwarded-For', before ? `${before}, ${own}` : own];
  if (believes && head.get('x-forwarded-proto') !== null) return [chain];
  return [chain, ['X-Forwarded-Proto', peer.isSecured ? 'https' : 'http']];
}

/** An entry of X-Forwarded-For without port and brackets. */
function bareAddress(entry: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry) ?? [];
  return plainAddress(bracketed ?? dotted ?? entry);
}
