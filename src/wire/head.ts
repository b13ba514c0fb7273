/** A request or response head as sent, taken apart without changing a byte. Texts are latin1. */
export interface Head {
  /** Header lines in order, names as spelled, values without surrounding white space. */
  headers: [name: string, value: string][];
  /** Values of all headers of this name (any case), joined with `, `; null when there is none (RFC 9110 §5.3). */
  get(name: string): string | null;
}

/** Head of a request: `GET /ocpp/CP1 HTTP/1.1`. The target may hold raw spaces, as some chargers send them. */
export interface RequestHead extends Head {
  method: string;
  target: string;
}

/** Head of a response: `HTTP/1.1 101 Switching Protocols`. */
export interface ResponseHead extends Head {
  status: number;
  reason: string;
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+(.*?)[ \t]+HTTP\/\d(?:\.\d)?[ \t]*$/;
const RESPONSE_LINE = /^HTTP\/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t]+(.*))?$/;

/** Takes a request head apart; null when its first line is none (RFC 9112 §3). */
export function parseRequestHead(head: string): RequestHead | null {
  const lines = linesOf(head);
  const match = REQUEST_LINE.exec(lines[0] ?? '');
  if (!match) return null;
  return { method: match[1] ?? '', target: match[2] ?? '', ...headersOf(lines) };
}

/** Takes a response head apart; null when its first line is none (RFC 9112 §4). */
export function parseResponseHead(head: string): ResponseHead | null {
  const lines = linesOf(head);
  const match = RESPONSE_LINE.exec(lines[0] ?? '');
  if (!match) return null;
  return { status: Number(match[1]), reason: match[2] ?? '', ...headersOf(lines) };
}

/** Whether a request wants a WebSocket: `Upgrade: websocket`, or a key (some chargers forget the rest). */
export function isUpgrade(head: RequestHead): boolean {
  const upgrade = head.get('upgrade');
  return (upgrade !== null && /\bwebsocket\b/i.test(upgrade)) || head.get('sec-websocket-key') !== null;
}

function linesOf(head: string): string[] {
  const lines = head.split(/\r?\n/);
  while (lines.length > 1 && lines[0] === '') lines.shift();
  return lines;
}

function headersOf(lines: string[]): Head {
  const headers: [string, string][] = [];
  for (const line of lines.slice(1)) {
    if (line === '') break;
    const colon = line.indexOf(':');
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last) last[1] = `${last[1]} ${line.trim()}`.trim();
    else if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return {
    headers,
    get(name) {
      const wanted = name.toLowerCase();
      const values = headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
      return values.length === 0 ? null : values.join(', ');
    },
  };
}
