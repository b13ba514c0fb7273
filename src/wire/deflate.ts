import { extension, PerMessageDeflate } from 'ws';
import type { Side } from '../ocpp/message.ts';

const MAX_INFLATED = 64 * 1024 * 1024;

/** Whether the answer to a handshake turned permessage-deflate on (RFC 7692 §5). */
export function negotiatesDeflate(extensions: string | null): boolean {
  return extensions !== null && /(^|,)\s*permessage-deflate\s*(;|,|$)/i.test(extensions);
}

/** permessage-deflate as `extensions` (of the 101) set it up, seen from `side`: it compresses what that side sends. */
export function deflateOf(extensions: string, side: Side, maxPayload = MAX_INFLATED): PerMessageDeflate {
  const deflate = new PerMessageDeflate({ isServer: side === 'csms', maxPayload, threshold: 0 });
  try {
    deflate.accept(extension.parse(extensions)[PerMessageDeflate.extensionName] ?? []);
  } catch {
    deflate.params = {};
  }
  deflate.params ??= {};
  return deflate;
}
