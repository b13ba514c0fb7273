import type { ChargerLog, Payload, ReceivedCall } from './csms-judge.ts';
import { calls, type Expected, each } from './csms-switch.ts';

type Count = Expected['count'];

/** Counts the calls of one action that were answered with this status of the tag. */
export const tagStatus = (action: string, status: string): Count =>
  calls((call) => call.action === action && (call.answer?.idTagInfo as Payload)?.status === status);
/** Counts the StatusNotifications that were refused. */
export const refused = calls(
  (call) => call.action === 'StatusNotification' && 'errorCode' in (call.answer ?? {}),
);
/** Counts BootNotifications. */
export const boots = each('BootNotification');
/** Counts StartTransactions. */
export const starts = each('StartTransaction');
/** Counts a session once when it has calls of this action. */
export const oncePerSession =
  (action: string): Count =>
  (log) =>
    Math.min(1, each(action)(log));
/** Counts StartTransactions after a charger's first. */
export const repeatedStarts: Count = (log) => Math.max(0, starts(log) - 1);
/** Whether a call says that connector 1 became available. */
export const becameAvailable = ({ action, payload }: Pick<ReceivedCall, 'action' | 'payload'>): boolean =>
  action === 'StatusNotification' && payload.connectorId === 1 && payload.status === 'Available';

/** Counts the connections on which a call of this action was answered, from the given one on. */
export const connectionsWith =
  (action: string, from = 1): Count =>
  (log) =>
    new Set(
      log.calls
        .filter((call) => call.action === action && call.connection >= from)
        .map((call) => call.connection),
    ).size;

/** Counts the connections whose handshake meets a condition. */
export const offering =
  (offers: (connection: ChargerLog['connections'][number]) => boolean): Count =>
  (log) =>
    log.connections.filter(offers).length;
