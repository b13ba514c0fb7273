import type { Connection } from '../session/connection.ts';
import { redactHead, redactTarget } from '../session/redaction.ts';
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
