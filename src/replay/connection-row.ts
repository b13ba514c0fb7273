import { type Connection, newConnection } from '../session/connection.ts';
import type { Recorder } from '../session/recording.ts';
import { redactTarget } from '../session/redaction.ts';
import { monoNowUs, wallNowUs } from '../wire/clock.ts';
import type { ServerUrl } from '../wire/url.ts';
import type { PlannedConnection } from './plan.ts';
import { requestTarget } from './target.ts';

/**
 * The row of a connection that a virtual charger begins to open: what it asks for is the recorded connection's, all else is not known
 * yet. One that is opened `again` has no counterpart in the recording.
 */
export function openingRow(opening: {
  recorder: Recorder;
  session: number;
  planned: PlannedConnection;
  target: ServerUrl;
  again: boolean;
}): Connection {
  const { recorder, session, planned, target, again } = opening;
  const { recorded } = planned;
  const { kind, requestHead, offeredSubprotocols, offeredExtensions } = recorded;
  return {
    ...newConnection({
      id: recorder.nextConnectionId(),
      openedId: recorder.nextId(),
      openedAtUs: wallNowUs(),
      openedMonoUs: monoNowUs(),
    }),
    ...{ session, kind, requestHead, offeredSubprotocols, offeredExtensions },
    target: redactTarget(requestTarget(target, recorded.target)),
    replays: again ? null : recorded.id,
  };
}

/** An address as a connection's row has it; null when it is not known. */
export function addressOf(address: string | undefined, port: number | undefined): string | null {
  return address === undefined ? null : `${address}:${port}`;
}
