import { extension, PerMessageDeflate } from 'ws';
import type { Side } from '../ocpp/message.ts';

/** Whether the answer to a handshake turned permessage-deflate on (RFC 7692 §5). */
export function negotiatesDeflate(extensions: string | null): boolean {
  return extensions !== null && /(^|,)\s*permessage-deflate\s*(;|,|$)/i.test(extensions);
}

/** permessage-deflate as `extensions` (of the 101) set it up, seen from `side`: it compresses what that side sends. */
export function deflateOf(extensions: string, side: Side): PerMessageDeflate {
  const deflate = new PerMessageDeflate({ isServer: side === 'csms', threshold: 0 });
  try {
    deflate.accept(extension.parse(extensions)[PerMessageDeflate.extensionName] ?? []);
  } catch {
    deflate.params = {};
  }
  deflate.params ??= {};
  return deflate;
}
