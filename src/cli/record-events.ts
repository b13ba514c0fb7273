import type { ProxyEvent } from '../proxy/event.ts';
import type { TroubleCode } from '../store/trouble.ts';
import type { CertificateNews } from './certificate-files.ts';
import { counted } from './output.ts';

/** What `record` says while it runs. */
export type RecordEvent =
  | { kind: 'listening'; url: string; upstream: string; file: string; admin: string | null; pid: number }
  | {
      kind: 'stopped';
      file: string;
      connections: number;
      frames: number;
      faults: number;
      missingFrames: number;
      lateFrames: number;
    }
  | ({ kind: 'certificates' } & CertificateNews)
  | { kind: 'insecure'; upstream: string }
  | { kind: 'part'; file: string }
  | { kind: 'trouble'; code: TroubleCode | 'ON_ROTATE_FAILED'; sentence: string }
  | ProxyEvent;

/** Events that all is well with. */
const GOOD: readonly string[] = ['RECOVERED', 'NEXT_PART', 'REMOVED'] satisfies TroubleCode[];

/** How much an event asks for attention. */
export function levelOf(event: RecordEvent): 'info' | 'warn' | 'error' {
  if (event.kind === 'fault') return 'error';
  if (event.kind === 'trouble') return GOOD.includes(event.code) ? 'info' : 'warn';
  return event.kind === 'insecure' ? 'warn' : 'info';
}

/** An event in words, a line each. */
export function sentences(event: RecordEvent): string[] {
  switch (event.kind) {
    case 'listening':
      return [
        `chargers connect to ${event.url}, which stands before ${event.upstream}`,
        `recording into ${event.file}`,
        ...(event.admin === null ? [] : [`admin port at ${event.admin}`]),
        `recorder's pid ${event.pid}: stop it with Ctrl-C, or kill ${event.pid}`,
      ];
    case 'stopped':
      return [
        `stopped: ${counted(event.connections, 'connection')}, ${counted(event.frames, 'frame')} in ${event.file}` +
          (event.lateFrames > 0 ? `, ${event.lateFrames} of them late` : '') +
          (event.missingFrames > 0
            ? `; missing: ${counted(event.missingFrames, 'frame')}, see its gaps`
            : ''),
      ];
    case 'insecure':
      return [
        `WARNING: --upstream-insecure takes any certificate of ${event.upstream}: whoever stands in between can read and change all traffic`,
      ];
    case 'part':
      return [`${event.file} is finished`];
    case 'certificates':
    case 'trouble':
      return [`${event.code}: ${event.sentence}`];
    case 'opened':
      return [
        `${event.identity} connected${event.subprotocol === null ? ', without a subprotocol' : ` (${event.subprotocol})`}`,
      ];
    case 'refused':
      return [
        `${event.identity} refused with ${event.status}${event.by === 'chargetape' ? ' by the recorder' : ''}`,
      ];
    case 'closed':
      return [
        `${event.identity ?? `connection ${event.connection}`} gone (${event.ending ?? 'open'} by ${event.by ?? 'nobody'})`,
      ];
    case 'turned-away':
      return [`${event.address ?? 'a connection'} turned away: ${event.reason}`];
    case 'http':
      return [`ordinary HTTP: ${event.target}`];
    case 'draining':
      return [`no more chargers are accepted; ${counted(event.connections, 'connection')} to end`];
    case 'recording':
      return [`recording is ${event.isOn ? 'on' : 'off'}: ${event.reason}`];
    case 'fault':
      return [`connection ${event.connection} cannot be read: ${event.message}; it goes on, see the gaps`];
  }
}
