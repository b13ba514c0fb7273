import { createHash, randomBytes } from 'node:crypto';
import { formatAddress, type ServerUrl } from './url.ts';

const REDACTED = '[redacted]';

/** A handshake key (RFC 6455 §4.1): 16 random bytes. */
function handshakeKey(): string {
  return randomBytes(16).toString('base64');
}

/** What a server answers to a handshake key in Sec-WebSocket-Accept (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/**
 * A recorded request head made fit for another server: target, Host and key are new, headers with a redacted value are
 * left out; all else, order, spelling and line ends included, is as recorded. Headers of `own` stand at the end,
 * and those of their name are left out.
 */
export function requestHeadFor(
  recorded: string,
  url: ServerUrl,
  target: string,
  key: string = handshakeKey(),
  own: readonly OwnHeader[] = [],
): string {
  return withHeaders(recordedHeadFor(recorded, url, target, key, own), own);
}

/** A header that is ours, not the recorded charger's; latin1. */
export type OwnHeader = readonly [name: string, value: string];

function recordedHeadFor(
  recorded: string,
  url: ServerUrl,
  target: string,
  key: string,
  own: readonly OwnHeader[],
): string {
  const replaced = new Set(own.map(([name]) => name.toLowerCase()));
  const lines = (recorded.trim() === '' ? plainHead(url) : recorded).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const first = lines.findIndex((line) => line.trim() !== '');
  const kept: string[] = [];
  let dropped = false;
  lines.forEach((line, index) => {
    if (index <= first) kept.push(index === first ? withTarget(line, target) : line);
    else if (/^[ \t]/.test(line) && line.trim() !== '') {
      if (!dropped && !line.includes(REDACTED)) kept.push(line);
    } else {
      dropped = line.includes(REDACTED) || replaced.has(nameOf(line));
      if (!dropped) kept.push(withFreshValue(line, url, key));
    }
  });
  return kept.join('');
}

/** The head with further lines before the blank one that ends it. */
function withHeaders(head: string, own: readonly OwnHeader[]): string {
  const lines = own.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return head.replace(/(\r?\n)(\r?\n)$/, (_, end: string, blank: string) => end + lines + blank);
}

function nameOf(line: string): string {
  return (/^[^:]*/.exec(line)?.[0] ?? '').trim().toLowerCase();
}

function withTarget(line: string, target: string): string {
  return line.replace(/^([^ \t]+[ \t]+).*?([ \t]+HTTP\/)/, (_, method, rest) => `${method}${target}${rest}`);
}

function withFreshValue(line: string, url: ServerUrl, key: string): string {
  const [, name = '', space = '', end = ''] = /^([^:]+)(:[ \t]*)[^\r\n]*(\r?\n?)$/.exec(line) ?? [];
  switch (name.trim().toLowerCase()) {
    case 'host':
      return `${name}${space}${hostOf(url)}${end}`;
    case 'sec-websocket-key':
      return `${name}${space}${key}${end}`;
    default:
      return line;
  }
}

/** A server as a Host header names it: without its scheme's own port (RFC 9110 §7.2). */
export function hostOf({ host, port, secure }: ServerUrl): string {
  const defaultPort = secure ? 443 : 80;
  return port === defaultPort ? formatAddress(host, port).replace(/:\d+$/, '') : formatAddress(host, port);
}

function plainHead(url: ServerUrl): string {
  return [
    'GET / HTTP/1.1',
    `Host: ${hostOf(url)}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: new',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: ocpp1.6',
    '',
    '',
  ].join('\r\n');
}
