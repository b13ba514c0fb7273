import type { Side } from '../ocpp/message.ts';
import type { Connection, Ender, Ending } from './connection.ts';
import { redactPayload } from './redaction.ts';

/** Code and reason of a close frame (RFC 6455 §5.5.1), secrets redacted; without a body it is 1005 (§7.1.5). */
export function closeColumns(payload: Buffer): { closeCode: number; closeReason: string } {
  if (payload.length < 2) return { closeCode: 1005, closeReason: '' };
  const reason = redactPayload(payload.toString('utf8', 2), null);
  return { closeCode: payload.readUInt16BE(0), closeReason: reason.text };
}

/** The columns of a connection that tell its end. */
export type EndColumns = Pick<Connection, 'closeCode' | 'closeReason'> & {
  endedBy: Ender | null;
  ending: Ending | null;
};

/** Who ended a connection and how: what Chargetape did itself, else the first close frame, else the first FIN or reset. */
export class Verdict {
  #ours: Ending | null = null;
  #reason: string | null = null;
  #close: { side: Side; closeCode: number; closeReason: string } | null = null;
  #first: { side: Side; ending: Ending } | null = null;

  /** Chargetape ends it, unless someone else had begun to; a reason stands where a close frame's would. */
  ours(ending: Ending, reason: string | null = null): void {
    if (this.#first || this.#close || this.#ours) return;
    this.#ours = ending;
    this.#reason = reason;
  }

  /** A side sent a close frame. */
  closeFrame(side: Side, payload: Buffer): void {
    this.#close ??= { side, ...closeColumns(payload) };
  }

  /** A side sent a FIN or a reset. */
  ended(side: Side, ending: Ending): void {
    this.#first ??= { side, ending };
  }

  /** What is known by now; null where nothing is. */
  columns(): EndColumns {
    const close = this.#close;
    const code = { closeCode: close?.closeCode ?? null, closeReason: close?.closeReason ?? this.#reason };
    if (this.#ours) return { endedBy: 'chargetape', ending: this.#ours, ...code };
    if (close) return { endedBy: close.side, ending: 'close', ...code };
    return { endedBy: this.#first?.side ?? null, ending: this.#first?.ending ?? null, ...code };
  }
}
