import { randomInt } from 'node:crypto';
import type { Payload } from './csms-judge.ts';

/** A call of a charger, on which connection of that charger it came. */
export interface ChargerCall {
  action: string;
  payload: Payload;
  identity: string;
  /** Which connection of that charger, from 1. */
  connection: number;
}

/** What the CSMS answers: a result, an error, or nothing at all. */
export type Answer = { result: Payload } | { errorCode: string; description: string } | 'silence';

/** A call that the CSMS starts. */
export interface Command {
  action: string;
  payload: Payload;
}

/** A message on its way out, and the action it is about (of an answer: its call's). */
export interface Outgoing {
  message: [number, string, ...unknown[]];
  action: string;
}

/** All that a build of the test CSMS does; a switch replaces some of it. */
export interface Behaviour {
  /** HTTP status of the handshake; 101 accepts. `nth` counts that charger's connections from 1. */
  status(identity: string, nth: number): number;
  /** Whether the subprotocol is named in the 101. */
  echoesSubprotocol: boolean;
  /** Lines that its 101 has beside those of a handshake, such as `X-Powered-By: Express`. */
  headers: readonly string[];
  deflates: boolean | { serverNoContextTakeover: true };
  /** Whether pings are answered. */
  pongs: boolean;
  /** How often it pings by itself, ms; 0 is never. */
  pingEveryMs: number;
  answer(call: ChargerCall): Answer;
  /** Commands sent before the call is answered. */
  early(call: ChargerCall): Command[];
  /** Commands sent after the call was answered, one after the other. */
  reactions(call: ChargerCall, answer: Answer): Command[];
  /** How a message is written: none, one or more texts. */
  texts(outgoing: Outgoing): string[];
  /** Whether a message goes out as a binary one. */
  isBinary(outgoing: Outgoing): boolean;
  /** Into how many fragments a message is cut. */
  fragments: number;
  /** How long an accepted handshake takes, ms. */
  handshakeMs: number;
  /** The lines of its 101, changed. */
  head(lines: readonly string[]): string[];
  /** Latency of a message, ms; messages of one connection never overtake each other. */
  delayMs(outgoing: Outgoing): number;
  /** Id of the next command; null leaves it to ocpp-rpc (a UUID). */
  commandId: (() => string) | null;
  /** Whether the connection ends once the call is answered and its reactions are over. */
  endAfter(call: ChargerCall): { code: number; reason: string } | 'drop' | 'reset' | null;
}

const DAY_MS = 86_400_000;
const isTag = (value: unknown, prefix: string): boolean =>
  typeof value === 'string' && value.toUpperCase().startsWith(prefix);

function idTagInfo(idTag: unknown): Payload {
  const status = isTag(idTag, 'BAD') ? 'Invalid' : isTag(idTag, 'BLOCK') ? 'Blocked' : 'Accepted';
  return { status, expiryDate: new Date(Date.now() + DAY_MS).toISOString(), parentIdTag: 'GROUP-1' };
}

/** Answers of the base build; what is not listed is NotImplemented. A station has one connector here, as provisioned. */
function answers(nextTransactionId: () => number): Record<string, (payload: Payload) => Answer> {
  const empty = (): Answer => ({ result: {} });
  return {
    BootNotification: () => ({
      result: { status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 },
    }),
    Heartbeat: () => ({ result: { currentTime: new Date().toISOString() } }),
    Authorize: ({ idTag }) => ({ result: { idTagInfo: idTagInfo(idTag) } }),
    StartTransaction: ({ idTag }) => ({
      result: { transactionId: nextTransactionId(), idTagInfo: idTagInfo(idTag) },
    }),
    StopTransaction: ({ idTag }) => ({ result: { idTagInfo: idTagInfo(idTag) } }),
    StatusNotification: ({ connectorId }) =>
      typeof connectorId === 'number' && connectorId > 1
        ? { errorCode: 'OccurenceConstraintViolation', description: 'no such connector' }
        : { result: {} },
    DataTransfer: () => ({ result: { status: 'Accepted' } }),
    MeterValues: empty,
    DiagnosticsStatusNotification: empty,
    FirmwareStatusNotification: empty,
  };
}

function chargingProfile({ payload }: ChargerCall, transactionId: unknown): Command {
  const chargingSchedule = {
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
  };
  const csChargingProfiles = {
    chargingProfileId: 7,
    transactionId,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule,
  };
  return {
    action: 'SetChargingProfile',
    payload: { connectorId: payload.connectorId, csChargingProfiles },
  };
}

function localList(listVersion: number): Command {
  const localAuthorizationList = [
    { idTag: 'LIST-1', idTagInfo: { status: 'Accepted' } },
    { idTag: 'LIST-2', idTagInfo: { status: 'Blocked' } },
  ];
  return {
    action: 'SendLocalList',
    payload: { listVersion, updateType: 'Differential', localAuthorizationList },
  };
}

/** Commands of which none has to do with another. */
const UNRELATED: Command[] = [
  { action: 'GetLocalListVersion', payload: {} },
  { action: 'ChangeConfiguration', payload: { key: 'LocalPreAuthorize', value: 'true' } },
  { action: 'ChangeConfiguration', payload: { key: 'StopTransactionOnInvalidId', value: 'false' } },
];

/** The build that all others are compared with. Transaction ids and list versions start anywhere and grow. */
export function baseBehaviour(): Behaviour {
  let transactionId = randomInt(1_000, 2_000_000_000);
  let listVersion = randomInt(1_000, 1_000_000);
  const table = answers(() => ++transactionId);
  return {
    status: () => 101,
    echoesSubprotocol: true,
    headers: [],
    deflates: true,
    pongs: true,
    pingEveryMs: 0,
    answer({ action, payload }) {
      const unknown: Answer = { errorCode: 'NotImplemented', description: `no handler for ${action}` };
      return Object.hasOwn(table, action) ? (table[action]?.(payload) ?? unknown) : unknown;
    },
    early: () => [],
    reactions(call, answer) {
      if (answer === 'silence' || !('result' in answer)) return [];
      const { action, payload } = call;
      if (action === 'BootNotification')
        return [
          {
            action: 'GetConfiguration',
            payload: { key: ['HeartbeatInterval', 'MeterValueSampleInterval'] },
          },
          { action: 'ChangeConfiguration', payload: { key: 'MeterValueSampleInterval', value: '30' } },
        ];
      if (action === 'StatusNotification' && payload.connectorId === 1 && payload.status === 'Available')
        return [localList(++listVersion)];
      if (action === 'StatusNotification' && payload.connectorId === 1 && payload.status === 'Finishing')
        return UNRELATED;
      if (action === 'StartTransaction') return [chargingProfile(call, answer.result.transactionId)];
      return [];
    },
    texts: ({ message }) => [JSON.stringify(message)],
    isBinary: () => false,
    fragments: 1,
    handshakeMs: 0,
    head: (lines) => [...lines],
    delayMs: () => 0,
    commandId: null,
    endAfter: () => null,
  };
}
