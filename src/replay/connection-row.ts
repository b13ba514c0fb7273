import type { Connection } from '../session/connection.ts';
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
  return {
    ...recorded,
    id: recorder.nextConnectionId(),
    session,
    openedId: recorder.nextId(),
    openedAtUs: wallNowUs(),
    openedMonoUs: monoNowUs(),
    target: redactTarget(requestTarget(target, recorded.target)),
    responseHead: null,
    refusalBody: null,
    status: null,
    handshakeUs: null,
    subprotocol: null,
    extensions: null,
    chargerAddress: null,
    csmsAddress: null,
    closedId: null,
    closedAtUs: null,
    closedMonoUs: null,
    endedBy: null,
    ending: null,
    closeCode: null,
    closeReason: null,
    bytesToCharger: null,
    bytesToCsms: null,
    orderInferred: false,
    replays: again ? null : recorded.id,
  };
}

/** An address as a connection's row has it; null when it is not known. */
export function addressOf(address: string | undefined, port: number | undefined): string | null {
  return address === undefined ? null : `${address}:${port}`;
}
