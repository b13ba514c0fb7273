import { type Json, valueAt } from './json.ts';
import type { CausalEdge } from './protocol.ts';

/** Calls of a charger that TriggerMessage (OCPP 1.6 §5.17) and ExtendedTriggerMessage can ask for. */
const TRIGGERED: readonly { requested: string; action: string }[] = [
  ...[
    'BootNotification',
    'DiagnosticsStatusNotification',
    'FirmwareStatusNotification',
    'Heartbeat',
    'LogStatusNotification',
    'MeterValues',
    'StatusNotification',
  ].map((action) => ({ requested: action, action })),
  { requested: 'SignChargePointCertificate', action: 'SignCertificate' },
  { requested: 'FirmwareStatusNotification', action: 'SignedFirmwareStatusNotification' },
];

const TAG = { from: ['idTag'], to: ['idTag'] };

/**
 * The commands of OCPP 1.6 that provoke something of the charger's, and how the provoked call is known. Where two could have
 * provoked a call, the one that stands first here takes it.
 */
export const EDGES: readonly CausalEdge[] = [
  ...TRIGGERED.flatMap(({ requested, action }) => [
    triggerEdge('TriggerMessage', requested, action),
    triggerEdge('ExtendedTriggerMessage', requested, action),
  ]),
  { ...edge('RemoteStartTransaction', 'Authorize', sameTag), carries: [TAG] },
  { ...edge('RemoteStartTransaction', 'StartTransaction', remotelyStarted), carries: [TAG] },
  edge('RemoteStopTransaction', 'StopTransaction', (c, call) => same(c, call, 'transactionId')),
  edge('Reset', 'StopTransaction', (_, call) => /^(Hard|Soft)Reset$/.test(textOf(call, 'reason'))),
  { ...edge('Reset', null, () => false), whenMissing: 'continue' },
  sequenceEdge('GetDiagnostics', 'DiagnosticsStatusNotification', isNotIdle),
  sequenceEdge('UpdateFirmware', 'FirmwareStatusNotification', isNotIdle),
  sequenceEdge('GetLog', 'LogStatusNotification', (c, call) => same(c, call, 'requestId')),
  sequenceEdge('SignedUpdateFirmware', 'SignedFirmwareStatusNotification', (c, call) =>
    same(c, call, 'requestId'),
  ),
  edge('UnlockConnector', 'StopTransaction', (_, call) => textOf(call, 'reason') === 'UnlockCommand'),
  { ...edge('UnlockConnector', 'StatusNotification', sameConnector), whenMissing: 'continue' },
  { ...edge('ChangeAvailability', 'StatusNotification', becomesAvailable), whenMissing: 'continue' },
  edge('ReserveNow', 'StatusNotification', (c, call) => {
    return textOf(call, 'status') === 'Reserved' && sameConnector(c, call);
  }),
];

function edge(command: string, provokes: string | null, matches: CausalEdge['matches']): CausalEdge {
  return { command, provokes, matches, whenMissing: 'skip' };
}

/** A command that is followed by a sequence of calls, which may take days (OCPP 1.6 §4.4, §4.5: uploads, installations). */
function sequenceEdge(command: string, provokes: string, matches: CausalEdge['matches']): CausalEdge {
  const always = { more: () => true, withinSeconds: Number.POSITIVE_INFINITY };
  return { ...edge(command, provokes, matches), ...always };
}

/**
 * A triggered BootNotification is sent even untriggered: all that follows it presumes that the CSMS knows the charger. A trigger that
 * names no connector is answered for each one (OCPP 1.6 §5.17).
 */
function triggerEdge(command: string, requested: string, action: string): CausalEdge {
  return {
    command,
    provokes: action,
    matches: (c, call) => valueAt(c, ['requestedMessage']) === requested && sameConnector(c, call),
    whenMissing: action === 'BootNotification' ? 'continue' : 'skip',
    more(c, call, before) {
      const connector = valueAt(call, ['connectorId']);
      if (connector === undefined || valueAt(c, ['connectorId']) !== undefined) return false;
      return before.every((one) => valueAt(one, ['connectorId']) !== connector);
    },
  };
}

function remotelyStarted(command: Json, call: Json): boolean {
  return sameTag(command, call) && sameConnector(command, call);
}

/** `Idle` is only told when triggered (OCPP 1.6 §4.4, §4.5). */
function isNotIdle(_command: Json, call: Json): boolean {
  return textOf(call, 'status') !== 'Idle';
}

function textOf(payload: Json, field: string): string {
  const value = valueAt(payload, [field]);
  return typeof value === 'string' ? value : '';
}

/** A command that names no connector, or a call without one, goes with any. */
function sameConnector(command: Json, call: Json): boolean {
  const wanted = valueAt(command, ['connectorId']) ?? null;
  const given = valueAt(call, ['connectorId']) ?? null;
  return wanted === null || given === null || wanted === given;
}

/** idTags are compared without case (OCPP 1.6 §7.28, CiString). */
function sameTag(command: Json, call: Json): boolean {
  const [wanted, given] = [valueAt(command, ['idTag']), valueAt(call, ['idTag'])];
  return (
    typeof wanted === 'string' && typeof given === 'string' && wanted.toLowerCase() === given.toLowerCase()
  );
}

function same(command: Json, call: Json, field: string): boolean {
  const wanted = valueAt(command, [field]);
  return wanted !== undefined && wanted === valueAt(call, [field]);
}

/** Connector 0 stands for all of them (OCPP 1.6 §5.2). */
function becomesAvailable(command: Json, call: Json): boolean {
  const status = valueAt(command, ['type']) === 'Inoperative' ? 'Unavailable' : 'Available';
  const anyConnector = valueAt(command, ['connectorId']) === 0;
  return valueAt(call, ['status']) === status && (anyConnector || sameConnector(command, call));
}
