import type { Connection, Ending } from './connection.ts';
import { visible } from './visible.ts';

const HOW: Record<Ending, string> = {
  close: 'close',
  fin: 'FIN',
  reset: 'reset',
  refused: 'refused',
  timeout: 'time-out',
  stopped: 'stopped',
};

/** The opening of a connection in words: what was asked for, and how it was answered. */
export function openedText({ target, status, subprotocol }: Connection): string {
  const answer = status === null ? 'no answer' : status === 101 ? '101' : `refused: ${status}`;
  const chosen = status === 101 ? (subprotocol ?? 'no subprotocol') : '';
  return visible(['○ opened', target, answer, chosen].filter((part) => part !== '').join('  '));
}

/** The end of a connection in words: who ended it, and how. */
export function closedText(connection: Connection): string {
  const { endedBy, ending, closeCode, closeReason } = connection;
  const code = closeCode === null ? '' : ` ${closeCode}`;
  const reason = closeReason ? ` ${JSON.stringify(closeReason)}` : '';
  const manner = ending === null ? 'not known how' : `${HOW[ending]}${code}${reason}`;
  return visible(`● closed by ${endedBy ?? 'nobody known'}: ${manner}`);
}
