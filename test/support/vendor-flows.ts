import type { Act } from '../../src/charge/act.ts';
import type { JsonObject } from '../../src/ocpp/json.ts';
import type { Answers } from './scripted-csms.ts';

/** Something that happens in a flow, so many seconds after its beginning: an act at the charger, or a command of the CSMS. */
export type Moment = { at: number } & (
  | { act: Act }
  | { command: string; payload: (live: { transactionId: number; nowMs: number }) => JsonObject }
);

/** A part of a charger's life that every vendor's profile goes through. */
export interface Flow {
  name: string;
  /** What happens, one sentence. */
  title: string;
  /** Seconds until the charger is switched off. */
  until: number;
  moments: readonly Moment[];
  answers?: Answers;
}

const TAG = '04ABBE2A';
const BAD_TAG = '0BADBADB';

const act = (at: number, one: Act): Moment => ({ at, act: one });
const command = (at: number, action: string, payload: JsonObject = {}): Moment => ({
  at,
  command: action,
  payload: () => payload,
});
const tap = (at: number, tag = TAG): Moment => act(at, { kind: 'tap', connector: 1, tag });
const plug = (at: number): Moment => act(at, { kind: 'plug', connector: 1 });
const unplug = (at: number): Moment => act(at, { kind: 'unplug', connector: 1 });
const inSeconds = (nowMs: number, seconds: number) => new Date(nowMs + seconds * 1000).toISOString();

/** Answers to the first boots that are not Accepted. */
function bootsFirst(status: 'Pending' | 'Rejected'): Answers {
  return {
    BootNotification: (_payload, nth) =>
      nth === 1 ? { result: { status, currentTime: '2026-03-02T07:00:00.000Z', interval: 20 } } : undefined,
  };
}

/** The flows of the corpus, in the order of its table. */
export const FLOWS: readonly Flow[] = [
  { name: 'onboarding-accepted', title: 'Boots and is accepted.', until: 30, moments: [] },
  {
    name: 'onboarding-pending',
    title: 'Is kept pending, is configured and asked to boot again.',
    until: 60,
    answers: bootsFirst('Pending'),
    moments: [
      command(8, 'GetConfiguration', { key: ['HeartbeatInterval', 'NumberOfConnectors'] }),
      command(10, 'ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '30' }),
      command(12, 'TriggerMessage', { requestedMessage: 'BootNotification' }),
    ],
  },
  {
    name: 'onboarding-rejected',
    title: 'Is rejected, and comes again after the interval.',
    until: 60,
    answers: bootsFirst('Rejected'),
    moments: [],
  },
  { name: 'heartbeat', title: 'Beats at the interval that it was given.', until: 960, moments: [] },
  {
    name: 'authorise-blocked',
    title: 'A tag that is blocked, then one that is not known.',
    until: 90,
    answers: {
      Authorize: (_payload, nth) => ({
        result: { idTagInfo: { status: nth === 1 ? 'Blocked' : 'Invalid' } },
      }),
    },
    moments: [tap(20, BAD_TAG), tap(40, '0BADBADC')],
  },
  {
    name: 'authorise-offline',
    title: 'Charges while it is offline, and tells of it later.',
    until: 420,
    moments: [act(20, { kind: 'drop', forMs: 200_000 }), tap(30), plug(35), tap(180), unplug(190)],
  },
  {
    name: 'full-transaction',
    title: 'Tag, plug, charging with meter values, tag, unplug.',
    until: 360,
    moments: [tap(20), plug(25), tap(300), unplug(310)],
  },
  {
    name: 'suspended',
    title: 'The vehicle pauses, then the charger, and charging goes on each time.',
    until: 360,
    moments: [
      plug(20),
      tap(24),
      act(90, { kind: 'suspend', connector: 1, by: 'SuspendedEV' }),
      act(130, { kind: 'resume', connector: 1 }),
      act(170, { kind: 'suspend', connector: 1, by: 'SuspendedEVSE' }),
      act(210, { kind: 'resume', connector: 1 }),
      tap(300),
      unplug(310),
    ],
  },
  {
    name: 'remote-start-stop',
    title: 'An app starts and stops the transaction.',
    until: 300,
    moments: [
      command(20, 'RemoteStartTransaction', { connectorId: 1, idTag: TAG }),
      plug(26),
      {
        at: 200,
        command: 'RemoteStopTransaction',
        payload: ({ transactionId }) => ({ transactionId }),
      },
      unplug(220),
    ],
  },
  {
    name: 'reset',
    title: 'A soft reset in mid-transaction, then a hard one.',
    until: 300,
    moments: [
      plug(20),
      tap(24),
      command(120, 'Reset', { type: 'Soft' }),
      unplug(160),
      command(200, 'Reset', { type: 'Hard' }),
    ],
  },
  {
    name: 'change-configuration',
    title: 'Settings are read, changed, refused and not known.',
    until: 90,
    moments: [
      command(20, 'GetConfiguration'),
      command(24, 'ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '20' }),
      command(28, 'ChangeConfiguration', { key: 'HeartbeatInterval', value: 'often' }),
      command(32, 'ChangeConfiguration', { key: 'NoSuchKey', value: '1' }),
      command(36, 'GetConfiguration', { key: ['MeterValueSampleInterval', 'NoSuchKey'] }),
    ],
  },
  {
    name: 'availability',
    title: 'Out of order and back, also while a vehicle charges.',
    until: 300,
    moments: [
      command(20, 'ChangeAvailability', { connectorId: 1, type: 'Inoperative' }),
      command(40, 'ChangeAvailability', { connectorId: 1, type: 'Operative' }),
      plug(60),
      tap(64),
      command(120, 'ChangeAvailability', { connectorId: 1, type: 'Inoperative' }),
      tap(180),
      unplug(190),
      command(220, 'ChangeAvailability', { connectorId: 0, type: 'Operative' }),
    ],
  },
  {
    name: 'reservation',
    title: 'Reserved and cancelled, then reserved and used.',
    until: 300,
    moments: [
      {
        at: 20,
        command: 'ReserveNow',
        payload: ({ nowMs }) => ({
          connectorId: 1,
          expiryDate: inSeconds(nowMs, 600),
          idTag: TAG,
          reservationId: 41,
        }),
      },
      command(40, 'CancelReservation', { reservationId: 41 }),
      {
        at: 60,
        command: 'ReserveNow',
        payload: ({ nowMs }) => ({
          connectorId: 1,
          expiryDate: inSeconds(nowMs, 600),
          idTag: TAG,
          reservationId: 42,
        }),
      },
      tap(90),
      plug(95),
      tap(200),
      unplug(210),
    ],
  },
  {
    name: 'firmware',
    title: 'A new firmware, step by step; nothing is downloaded.',
    until: 120,
    moments: [
      {
        at: 20,
        command: 'UpdateFirmware',
        payload: ({ nowMs }) => ({
          location: 'ftp://firmware.example/image.bin',
          retrieveDate: inSeconds(nowMs, 5),
        }),
      },
    ],
  },
  {
    name: 'diagnostics',
    title: 'Diagnostics are asked for; nothing is uploaded.',
    until: 60,
    moments: [command(20, 'GetDiagnostics', { location: 'ftp://diagnostics.example/' })],
  },
  {
    name: 'fault',
    title: 'A fault at rest, and one while charging.',
    until: 300,
    moments: [
      act(20, { kind: 'fault', connector: 1, errorCode: 'GroundFailure' }),
      act(50, { kind: 'clear', connector: 1 }),
      plug(70),
      tap(74),
      act(140, { kind: 'fault', connector: 1, errorCode: 'HighTemperature' }),
      act(170, { kind: 'clear', connector: 1 }),
      tap(240),
      unplug(250),
    ],
  },
  {
    name: 'unplug',
    title: 'The cable is pulled at the vehicle while it charges.',
    until: 240,
    moments: [plug(20), tap(24), unplug(180)],
  },
  {
    name: 'reconnect',
    title: 'The connection is lost in mid-transaction; what was measured meanwhile is queued.',
    until: 420,
    moments: [plug(20), tap(24), act(100, { kind: 'drop', forMs: 130_000 }), tap(330), unplug(340)],
  },
  {
    name: 'closure',
    title: 'Charges, and is switched off in good order.',
    until: 200,
    moments: [tap(20), plug(25), tap(140), unplug(150)],
  },
];
