import { FrameFlag, Opcode } from '../session/frame.ts';
import type { SessionSummary } from '../session/recording.ts';
import { openWebSocket } from '../wire/client-handshake.ts';
import { FrameWriter } from '../wire/frame-writer.ts';
import type { ServerUrl } from '../wire/url.ts';
import { type Access, entryOf } from './credentials.ts';
import { chosenSessions, type Selection } from './session-plans.ts';
import { StagedSession } from './staged-events.ts';
import { AS_RECORDED } from './staging-map.ts';
import { requestTarget } from './target.ts';

/** What a look before the run needs. */
export interface PreflightOptions extends Selection {
  target: ServerUrl;
  access: Access;
  /** Uuid that the handshakes name as the run. */
  run: string;
}

/** How one identity was received. */
export interface Reception {
  /** `endpoint/identity` as recorded, and the identity it dials with. */
  session: string;
  identity: string;
  /** Why it would not do; null when the handshake was accepted. */
  problem: string | null;
}

/** Handshakes at a time. */
const AT_A_TIME = 20;

/** Close code 1000 (RFC 6455 §7.4.1). */
const NORMAL_CLOSE = Buffer.from([0x03, 0xe8]);

/** Dials each identity that the recorded CSMS accepted once, and closes at once. Nothing is said, nothing is put on record. */
export async function preflight(options: PreflightOptions): Promise<Reception[]> {
  const sessions = await chosenSessions(options);
  const receptions: (Reception | null)[] = new Array(sessions.length).fill(null);
  let next = 0;
  const dialOn = async () => {
    while (next < sessions.length) {
      const index = next++;
      receptions[index] = await receptionOf(sessions[index]!, options);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, dialOn));
  return receptions.filter((reception) => reception !== null);
}

async function receptionOf(session: SessionSummary, options: PreflightOptions): Promise<Reception | null> {
  const staged = new StagedSession(session, options.staging ?? AS_RECORDED);
  for await (const event of options.reader.events(session.id, options.slice)) {
    if (event.kind !== 'opened' || event.connection.status !== 101) continue;
    const live = staged.event(event);
    if (live.kind !== 'opened') continue;
    const { identity } = staged;
    const { target, requestHead } = live.connection;
    const problem = await problemOf({ target, requestHead, identity }, options);
    return { session: `${session.endpoint}/${session.identity}`, identity, problem };
  }
  return null;
}

async function problemOf(
  { target, requestHead, identity }: { target: string; requestHead: string; identity: string },
  options: PreflightOptions,
): Promise<string | null> {
  const answer = await openWebSocket({
    url: options.target,
    target: requestTarget(options.target, target),
    requestHead,
    ...entryOf(options.run, identity, options.access),
  });
  if (answer.kind === 'failure') return answer.message;
  if (answer.kind === 'refusal') return `The handshake was answered with ${answer.status}.`;
  const { socket, extensions } = answer;
  const writer = new FrameWriter(socket, extensions, 'charger');
  const flags = FrameFlag.masked;
  writer.write({ opcode: Opcode.close, payload: NORMAL_CLOSE, flags, fragments: null }, () => writer.close());
  socket.on('error', () => {});
  socket.end();
  socket.resume();
  return null;
}
