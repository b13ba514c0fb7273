import { isUtf8 } from 'node:buffer';
import { isoTime } from '../session/clock.ts';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type { SessionEvent, SessionSummary } from '../session/recording.ts';

/** What `--json` prints of something: every field of it, times both as ISO 8601 and in µs, bytes as text or base64. */
type JsonFields = Record<string, unknown>;

/** A frame, opening or end of a connection for `show --json`. `event` says which. */
export function eventJson(event: SessionEvent): JsonFields {
  if (event.kind === 'frame') return { event: 'frame', ...frameJson(event.frame), link: event.link };
  return { event: event.kind, order: event.id, ...connectionJson(event.connection) };
}

/** A session for `list --json`. */
export function summaryJson(summary: SessionSummary): JsonFields {
  return { ...summary, firstAt: isoOrNull(summary.firstAtUs), lastAt: isoOrNull(summary.lastAtUs) };
}

function frameJson({ payload, ...frame }: Frame): JsonFields {
  return { ...frame, at: isoTime(frame.atUs), ...bytesJson('payload', payload) };
}

function connectionJson({ refusalBody, ...connection }: Connection): JsonFields {
  return {
    ...connection,
    openedAt: isoTime(connection.openedAtUs),
    closedAt: isoOrNull(connection.closedAtUs),
    ...(refusalBody !== null && bytesJson('refusalBody', refusalBody)),
  };
}

/** Bytes under `name` as text, or under `nameBase64` when they are not UTF-8. */
function bytesJson(name: string, bytes: Uint8Array): JsonFields {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer)
    ? { [name]: buffer.toString('utf8') }
    : { [`${name}Base64`]: buffer.toString('base64') };
}

function isoOrNull(us: number | null): string | null {
  return us === null ? null : isoTime(us);
}
