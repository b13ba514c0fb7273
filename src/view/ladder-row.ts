import { kindOf } from '../filter/message-subject.ts';
import type { Protocol } from '../ocpp/protocol.ts';
import { durationText, isoTime } from '../session/clock.ts';
import type { Connection } from '../session/connection.ts';
import { closedText, openedText } from '../session/connection-text.ts';
import type { Frame } from '../session/frame.ts';
import { FrameFlag } from '../session/frame.ts';
import { frameParts } from '../session/frame-text.ts';
import { gravityOf } from '../session/gravity.ts';
import type { Gap, Link, SessionEvent } from '../session/recording.ts';
import { visible } from '../session/visible.ts';
import type { LadderRow, RowDetail } from './viewer.ts';

/** What of a row stands in the ladder whatever its place is. */
export type Rung = Omit<LadderRow, 'index' | 'sinceUs' | 'connection'> & { monoUs: number };

/** An event of a session as a rung of its ladder. */
export function rungOf(event: SessionEvent, protocol: Protocol): Rung {
  const gravity = gravityOf(event);
  if (event.kind === 'frame') {
    const { frame } = event;
    const { mark, action, text } = frameParts(frame, protocol);
    const { atUs, monoUs, sender, latencyUs } = frame;
    const what = kindOf(event);
    return {
      ...{ id: event.id, kind: 'frame', atUs, monoUs, sender, what },
      ...{ action: mark.trim() === '' ? action : `${mark} ${action}`, text, tookUs: latencyUs, gravity },
    };
  }
  const { connection } = event;
  const what = kindOf(event);
  const { handshakeUs, openedMonoUs, closedMonoUs, endedBy } = connection;
  if (event.kind === 'opened') {
    const { openedAtUs: atUs, openedMonoUs: monoUs } = connection;
    return {
      ...{ id: event.id, kind: 'opened', atUs, monoUs, sender: 'charger', what },
      ...{ action: '', text: openedText(connection), tookUs: handshakeUs, gravity },
    };
  }
  return {
    ...{ id: event.id, kind: 'closed', sender: endedBy ?? 'chargetape', what },
    ...{ atUs: connection.closedAtUs ?? connection.openedAtUs, monoUs: closedMonoUs ?? openedMonoUs },
    ...{ action: '', text: closedText(connection), gravity },
    tookUs: closedMonoUs === null ? null : closedMonoUs - openedMonoUs,
  };
}

/** A gap as a rung: what is missing, how long and why. */
export function gapRung(gap: Gap, id: number): Rung {
  const missing = `${gap.frames.toLocaleString('en')} frames (${gap.bytes.toLocaleString('en')} bytes) are missing`;
  const text = visible(`${missing}: ${gap.reason}`);
  return {
    ...{ id, kind: 'gap', atUs: gap.fromUs, monoUs: Number.NaN, sender: 'chargetape', what: 'gap' },
    ...{ action: '! gap', text, tookUs: Math.max(0, gap.toUs - gap.fromUs), gravity: 'high' },
  };
}

/** Everything that is known of an event, for the page of one message. */
export function detailOf(event: SessionEvent, link: Link | null): RowDetail {
  if (event.kind === 'frame') return frameDetail(event.frame, link);
  const { connection } = event;
  const isOpening = event.kind === 'opened';
  return {
    id: event.id,
    title: isOpening ? 'handshake' : 'end of the connection',
    facts: connectionFacts(connection, isOpening),
    text: isOpening
      ? [connection.requestHead, connection.responseHead ?? '(no answer)\n', refusalOf(connection)].join('')
      : closedText(connection),
  };
}

function frameDetail(frame: Frame, link: Link | null): RowDetail {
  const bytes = Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength);
  const text = bytes.toString('utf8');
  const flags = Object.entries(FrameFlag).filter(([, bit]) => frame.flags & bit);
  return {
    id: frame.id,
    title:
      `${frame.sender === 'charger' ? 'charger → CSMS' : 'CSMS → charger'}  ${kindOf({ kind: 'frame', id: frame.id, frame, link })}  ${visible(frame.action ?? '')}`.trimEnd(),
    facts: [
      ['frame', `${frame.id} of connection ${frame.connection}`],
      ['at', isoTime(frame.atUs)],
      ...fact('message id', frame.messageId),
      ...fact('answers', frame.answers === null ? null : `frame ${frame.answers}`),
      ...fact('took', frame.latencyUs === null ? null : durationText(frame.latencyUs)),
      [
        'size',
        `${bytes.length.toLocaleString('en')} bytes, ${frame.wireBytes.toLocaleString('en')} on the wire`,
      ],
      ...fact('flags', flags.map(([name]) => name).join(', ') || null),
      ...fact(
        'replays',
        link?.replays === null || !link ? null : `frame ${link.replays} of ${link.recording}`,
      ),
      ...fact('source', link?.source ?? null),
    ],
    text: text.includes('\ufffd') ? bytes.toString('hex') : text,
  };
}

function connectionFacts(connection: Connection, isOpening: boolean): [string, string][] {
  const { openedAtUs, closedAtUs, chargerAddress, csmsAddress, subprotocol, status } = connection;
  return [
    ['connection', String(connection.id)],
    ['at', isoTime(isOpening ? openedAtUs : (closedAtUs ?? openedAtUs))],
    ...fact('charger', chargerAddress),
    ...fact('CSMS', csmsAddress),
    ...fact('status', status === null ? null : String(status)),
    ...fact('subprotocol', subprotocol),
  ];
}

function refusalOf({ refusalBody }: Connection): string {
  return refusalBody === null ? '' : Buffer.from(refusalBody).toString('utf8');
}

function fact(name: string, value: string | null): [string, string][] {
  return value === null || value === '' ? [] : [[name, visible(value)]];
}
