import type { Ending } from '../session/connection.ts';
import type { DialError } from '../wire/dial.ts';
import { formatAddress, type ServerUrl } from '../wire/url.ts';

/** An HTTP answer of Chargetape's own, to a charger whose CSMS does not answer. */
export interface OwnAnswer {
  ending: Ending;
  status: number;
  head: string;
  body: string;
}

/** What a charger is told about a CSMS that could not be dialled. */
export function dialAnswer(error: DialError, upstream: ServerUrl): OwnAnswer {
  const trouble = error.reason === 'timeout' ? 'no-connection' : error.reason === 'tls' ? 'tls' : 'refused';
  return ownAnswer(trouble, upstream, error);
}

/** 403 for a charger that is not admitted (RFC 9110 §15.5.4). */
export function forbidden(): OwnAnswer {
  return answer('refused', '403 Forbidden', 'This charger is not admitted here.');
}

/** 503 for a charger that comes while `--strict` lets nothing pass (RFC 9110 §15.6.4). */
export function unavailable(): OwnAnswer {
  return answer(
    'refused',
    '503 Service Unavailable',
    'Nothing can be recorded at present, so nothing passes.',
  );
}

/** What plain HTTP is told on a port for TLS. */
export function plainHttpAnswer(): Buffer {
  const { head, body } = answer(
    'refused',
    '400 Bad Request',
    'This port speaks TLS: use wss:// or https://.',
  );
  return Buffer.from(head + body, 'latin1');
}

/** 502 for a CSMS that cannot be reached (RFC 9110 §15.6.3), 504 for one that stays silent (§15.6.5); the body says which. */
export function ownAnswer(
  trouble: 'refused' | 'tls' | 'no-connection' | 'no-answer' | 'no-http',
  upstream: ServerUrl,
  error?: Error & { code?: string | null },
): OwnAnswer {
  const address = formatAddress(upstream.host, upstream.port);
  switch (trouble) {
    case 'refused':
      return answer(
        'refused',
        '502 Bad Gateway',
        `The CSMS at ${address} cannot be reached (${error?.code ?? error?.message}).`,
      );
    case 'tls':
      return answer(
        'refused',
        '502 Bad Gateway',
        `TLS with the CSMS at ${address} failed (${error?.code ?? error?.message}).`,
      );
    case 'no-connection':
      return answer(
        'timeout',
        '502 Bad Gateway',
        `The CSMS at ${address} did not accept a connection in time.`,
      );
    case 'no-http':
      return answer(
        'refused',
        '502 Bad Gateway',
        `The CSMS at ${address} gave an answer that was not asked for.`,
      );
    case 'no-answer':
      return answer('timeout', '504 Gateway Timeout', `The CSMS at ${address} did not answer in time.`);
  }
}

function answer(ending: Ending, status: string, sentence: string): OwnAnswer {
  const body = `${sentence}\n`;
  const lines = [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return { ending, status: Number(status.slice(0, 3)), head: `${lines.join('\r\n')}\r\n\r\n`, body };
}
