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
];

/** The commands of OCPP 1.6 that provoke something of the charger's, and how the provoked call is known. */
export const EDGES: readonly CausalEdge[] = [
  ...TRIGGERED.flatMap(({ requested, action }) => [
    triggerEdge('TriggerMessage', requested, action),
    triggerEdge('ExtendedTriggerMessage', requested, action),
  ]),
  edge('RemoteStartTransaction', 'Authorize', sameTag),
  edge('RemoteStartTransaction', 'StartTransaction', (c, call) => sameTag(c, call) && sameConnector(c, call)),
  edge('RemoteStopTransaction', 'StopTransaction', (c, call) => same(c, call, 'transactionId')),
  { ...edge('Reset', null, () => false), whenMissing: 'continue' },
  edge('GetDiagnostics', 'DiagnosticsStatusNotification', () => true),
  edge('UpdateFirmware', 'FirmwareStatusNotification', () => true),
  edge('GetLog', 'LogStatusNotification', (c, call) => same(c, call, 'requestId')),
  edge('SignedUpdateFirmware', 'SignedFirmwareStatusNotification', (c, call) => same(c, call, 'requestId')),
  { ...edge('ChangeAvailability', 'StatusNotification', becomesAvailable), whenMissing: 'continue' },
];

function edge(command: string, provokes: string | null, matches: CausalEdge['matches']): CausalEdge {
  return { command, provokes, matches, whenMissing: 'skip' };
}

/** A triggered BootNotification is sent even untriggered: all that follows it presumes that the CSMS knows the charger. */
function triggerEdge(command: string, requested: string, action: string): CausalEdge {
  return {
    command,
    provokes: action,
    matches: (c, call) => valueAt(c, ['requestedMessage']) === requested && sameConnector(c, call),
    whenMissing: action === 'BootNotification' ? 'continue' : 'skip',
  };
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
