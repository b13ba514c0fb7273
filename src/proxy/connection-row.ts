import type { Connection } from '../session/connection.ts';
import { pseudonymiseBytes, pseudonymiseHead, pseudonymiseText } from '../session/pseudonymise.ts';
import type { Pseudonyms } from '../session/pseudonyms.ts';
import { redactBytes, redactHead, redactTarget } from '../session/redaction.ts';
import type { RequestHead, ResponseHead } from '../wire/head.ts';

/** What a request head says, secrets redacted. */
export function requestColumns(head: RequestHead, text: string): Partial<Connection> {
  return {
    target: redactTarget(head.target),
    requestHead: redactHead(text).head,
    offeredSubprotocols: head.get('sec-websocket-protocol'),
    offeredExtensions: head.get('sec-websocket-extensions'),
  };
}

/** What a response head says, secrets redacted. */
export function responseColumns(head: ResponseHead, text: string): Partial<Connection> {
  const isOpen = head.status === 101;
  return {
    status: head.status,
    responseHead: redactHead(text).head,
    subprotocol: isOpen ? head.get('sec-websocket-protocol') : null,
    extensions: isOpen ? head.get('sec-websocket-extensions') : null,
  };
}

/** A connection's row as it may be stored: no secret in the body of a refusal, and with `pseudonyms` no person anywhere. */
export function storable(row: Connection, pseudonyms: Pseudonyms | null): Connection {
  const refusalBody = row.refusalBody && redactBytes(row.refusalBody).bytes;
  if (pseudonyms === null) return { ...row, refusalBody };
  return {
    ...row,
    requestHead: pseudonymiseHead(row.requestHead, pseudonyms),
    refusalBody: refusalBody && pseudonymiseBytes(refusalBody, pseudonyms),
    closeReason: row.closeReason && pseudonymiseText(row.closeReason, pseudonyms),
  };
}
