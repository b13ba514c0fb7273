import { basicUserOf, identityOf } from '../session/identity.ts';
import type { AddressList } from '../wire/address-list.ts';
import type { RequestHead } from '../wire/head.ts';
import type { Admission } from './admission.ts';
import { chargerAddressOf, type Forwarding } from './forwarding.ts';
import { type Guest, sourceOf } from './guest.ts';

/** What is decided about each request. */
export interface RequestRuling {
  /** Who may connect; null for everybody. */
  admission: Admission | null;
  /** Changes request heads; null when they go as they came. */
  forwarding: Forwarding | null;
  /** Proxies whose X-Forwarded-For is believed. */
  trusted: AddressList;
}

/** What the rules say about the requests of one guest. A rule that fails lets the request pass as it came. */
export class RequestRules {
  readonly #ruling: RequestRuling;
  readonly #guest: Guest;

  constructor(ruling: RequestRuling, guest: Guest) {
    this.#ruling = ruling;
    this.#guest = guest;
  }

  /** Whether the CSMS may be dialled before the request is known. */
  get admitsAll(): boolean {
    return this.#ruling.admission === null;
  }

  /** Where the charger is, as it goes on record: as trusted proxies tell it, else the peer's address and port. */
  addressIn(head: RequestHead): string | null {
    const host = this.#hostIn(head);
    return host === this.#guest.source?.host ? sourceOf(this.#guest) : host;
  }

  /** Whether a request for a WebSocket is admitted. */
  admits(head: RequestHead): boolean {
    const { admission } = this.#ruling;
    if (admission === null) return true;
    const user = basicUserOf(head.get('authorization'));
    return admission(identityOf(head.target, user, this.addressIn(head)).identity, this.#hostIn(head));
  }

  /** Whether what names no charger is admitted: ordinary HTTP, or (without a head) no HTTP at all. */
  admitsNameless(head: RequestHead | null): boolean {
    const host = head ? this.#hostIn(head) : (this.#guest.source?.host ?? null);
    return this.#ruling.admission?.(null, host) ?? true;
  }

  /** The bytes of a head as the CSMS gets them. */
  forwarded(head: RequestHead, text: string, bytes: Buffer): Buffer {
    const { socket, source, tls } = this.#guest;
    const peer = { socket, address: source?.host ?? null, isSecured: tls !== null };
    try {
      const edited = this.#ruling.forwarding?.edit(text, head, peer);
      return edited === undefined ? bytes : Buffer.from(edited, 'latin1');
    } catch {
      return bytes;
    }
  }

  #hostIn(head: RequestHead): string | null {
    const peer = this.#guest.source?.host ?? null;
    return chargerAddressOf(head, peer, this.#ruling.trusted);
  }
}
