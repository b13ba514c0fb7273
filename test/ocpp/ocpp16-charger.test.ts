import { createRequire } from 'node:module';
import { createValidator } from 'ocpp-rpc';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import type { ChargerState } from '../../src/ocpp/protocol.ts';

const schemas = createRequire(import.meta.url)('ocpp-rpc/lib/schemas/ocpp1_6.json') as object[];
const validator = createValidator('ocpp1.6', schemas);
const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

/** A charger of three connectors whose settings were recorded, spelt as its vendor does. */
function charger(settings: Record<string, string | boolean> = {}): ChargerState {
  const state = ocpp16.newChargerState();
  const all = { numberOfConnectors: '3', HeartBeatInterval: '300', ...settings };
  const configurationKey = Object.entries(all).map(([key, value]) => ({
    key,
    readonly: key === 'numberOfConnectors',
    value: String(value),
  }));
  state.recall({ caller: 'csms', action: 'GetConfiguration', call: {}, result: { configurationKey } });
  return state;
}

/** The charger's result for a command, which it obeys; it must be as the schemas of ocpp-rpc have it. */
function ask(state: ChargerState, action: string, call: Json): Json {
  const answer = state.answer(action, call, NOW_MS) ?? ocpp16.defaultAnswer(action, call);
  if ('errorCode' in answer) return answer;
  void validator.validate(`urn:${action}.conf`, answer.result);
  state.learn({ caller: 'csms', action, call, result: answer.result });
  return answer.result;
}

/** The charger calls and is answered. */
function say(state: ChargerState, action: string, call: Json, result: Json = {}): void {
  state.learn({ caller: 'charger', action, call, result });
}

const status = (value: string) => ({ status: value });
const start = (state: ChargerState, connectorId: number, transactionId: number) =>
  say(state, 'StartTransaction', { connectorId, idTag: 'A' }, { transactionId });

describe('settings', () => {
  test('are the recorded ones overlaid with accepted changes, keys as the vendor spells them', () => {
    const state = charger();
    expect(ask(state, 'ChangeConfiguration', { key: 'HeartbeatInterval', value: '60' })).toEqual(
      status('Accepted'),
    );
    expect(
      ask(state, 'GetConfiguration', { key: ['heartbeatinterval', 'NumberOfConnectors', 'Nope'] }),
    ).toEqual({
      configurationKey: [
        { key: 'HeartBeatInterval', readonly: false, value: '60' },
        { key: 'numberOfConnectors', readonly: true, value: '3' },
      ],
      unknownKey: ['Nope'],
    });
    expect(ask(state, 'GetConfiguration', {})).toHaveProperty('configurationKey.length', 2);
  });

  test('that are read-only, no numbers, about the connection or unknown are not changed', () => {
    const state = charger();
    const change = (key: string, value: string) => ask(state, 'ChangeConfiguration', { key, value });
    expect(change('NumberOfConnectors', '4')).toEqual(status('Rejected'));
    expect(change('HeartbeatInterval', 'soon')).toEqual(status('Rejected'));
    expect(change('AuthorizationKey', '00')).toEqual(status('Rejected'));
    expect(change('VendorThing', '1')).toEqual(status('NotSupported'));
    expect(change('MeterValueSampleInterval', '30')).toEqual(status('Accepted'));
    expect(
      ask(state, 'GetConfiguration', { key: ['HeartbeatInterval', 'MeterValueSampleInterval'] }),
    ).toEqual({
      configurationKey: [
        { key: 'HeartBeatInterval', readonly: false, value: '300' },
        { key: 'MeterValueSampleInterval', readonly: false, value: '30' },
      ],
    });
  });

  test('that were redacted have no value, and one that the recorded charger took is known', () => {
    const state = charger({ WebSocketPassword: '[redacted]' });
    state.recall({
      caller: 'csms',
      action: 'ChangeConfiguration',
      call: { key: 'VendorThing', value: '1' },
      result: status('RebootRequired'),
    });
    expect(ask(state, 'GetConfiguration', { key: ['websocketpassword'] })).toEqual({
      configurationKey: [{ key: 'WebSocketPassword', readonly: false }],
    });
    expect(ask(state, 'ChangeConfiguration', { key: 'VendorThing', value: '2' })).toEqual(status('Accepted'));
  });
});

describe('the local list', () => {
  const send = (state: ChargerState, listVersion: number, updateType: string) =>
    ask(state, 'SendLocalList', { listVersion, updateType });

  test('is not there while nothing says that it is', () => {
    const state = charger();
    expect(ask(state, 'GetLocalListVersion', {})).toEqual({ listVersion: -1 });
    expect(send(state, 1, 'Full')).toEqual(status('NotSupported'));
  });

  test('has the version of the last update that it took; a differential one must be newer', () => {
    const state = charger({ LocalAuthListEnabled: 'true' });
    expect(ask(state, 'GetLocalListVersion', {})).toEqual({ listVersion: 0 });
    expect(send(state, 5, 'Full')).toEqual(status('Accepted'));
    expect(send(state, 5, 'Differential')).toEqual(status('VersionMismatch'));
    expect(send(state, 7, 'Differential')).toEqual(status('Accepted'));
    expect(ask(state, 'GetLocalListVersion', {})).toEqual({ listVersion: 7 });
    expect(send(state, 2, 'Full')).toEqual(status('Accepted'));
    expect(ask(state, 'GetLocalListVersion', {})).toEqual({ listVersion: 2 });
  });

  test('was there when the recorded charger told its version', () => {
    const state = charger();
    const result = { listVersion: 12 };
    state.recall({ caller: 'csms', action: 'GetLocalListVersion', call: {}, result });
    expect(ask(state, 'GetLocalListVersion', {})).toEqual({ listVersion: 12 });
  });
});

describe('connectors', () => {
  test('become unavailable at once, or after their transaction', () => {
    const state = charger();
    const change = (connectorId: number) =>
      ask(state, 'ChangeAvailability', { connectorId, type: 'Inoperative' });
    start(state, 2, 50);
    expect([change(1), change(2), change(0), change(4)]).toEqual(
      ['Accepted', 'Scheduled', 'Scheduled', 'Rejected'].map(status),
    );
  });

  test('are unlocked unless something charges on them', () => {
    const state = charger();
    const unlock = (connectorId: number) => ask(state, 'UnlockConnector', { connectorId });
    start(state, 2, 50);
    expect([unlock(1), unlock(2), unlock(0), unlock(9)]).toEqual(
      ['Unlocked', 'UnlockFailed', 'NotSupported', 'NotSupported'].map(status),
    );
    say(state, 'StopTransaction', { transactionId: 50, meterStop: 1 });
    expect(unlock(2)).toEqual(status('Unlocked'));
  });
});

describe('reservations', () => {
  const reserve = (state: ChargerState, connectorId: number, reservationId: number) =>
    ask(state, 'ReserveNow', { connectorId, reservationId, idTag: 'A', expiryDate: '2026-02-01T00:00:00Z' });

  test('are taken on free connectors, replaced, cancelled once, and used up', () => {
    const state = charger();
    start(state, 2, 50);
    say(state, 'StatusNotification', { connectorId: 3, errorCode: 'GroundFailure', status: 'Faulted' });
    expect([reserve(state, 1, 8), reserve(state, 2, 9), reserve(state, 3, 9), reserve(state, 0, 9)]).toEqual(
      ['Accepted', 'Occupied', 'Faulted', 'Rejected'].map(status),
    );
    say(state, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Reserved' });
    expect([reserve(state, 1, 8), reserve(state, 1, 9)]).toEqual(['Accepted', 'Occupied'].map(status));
    const cancel = (reservationId: number) => ask(state, 'CancelReservation', { reservationId });
    expect([cancel(9), cancel(8), cancel(8)]).toEqual(['Rejected', 'Accepted', 'Rejected'].map(status));
  });

  test('of connector 0 need the charger to know them', () => {
    expect(reserve(charger({ ReserveConnectorZeroSupported: 'true' }), 0, 1)).toEqual(status('Accepted'));
  });
});

describe('charging profiles', () => {
  const profile = (chargingProfileId: number, chargingProfilePurpose: string, more: object = {}) => ({
    chargingProfileId,
    stackLevel: 0,
    chargingProfilePurpose,
    chargingProfileKind: 'Relative',
    chargingSchedule: {
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: 16 },
        { startPeriod: 600, limit: 8 },
      ],
    },
    ...more,
  });
  const smart = () => charger({ SupportedFeatureProfiles: 'Core, SmartCharging' });
  const set = (state: ChargerState, connectorId: number, csChargingProfiles: object) =>
    ask(state, 'SetChargingProfile', { connectorId, csChargingProfiles: csChargingProfiles as Json });

  test('are not for a charger that does not know them', () => {
    expect(set(charger(), 1, profile(1, 'TxDefaultProfile'))).toEqual(status('NotSupported'));
  });

  test('for a transaction need that transaction, for the charger connector 0', () => {
    const state = smart();
    expect(set(state, 1, profile(1, 'TxProfile'))).toEqual(status('Rejected'));
    start(state, 1, 50);
    expect(set(state, 1, profile(1, 'TxProfile', { transactionId: 51 }))).toEqual(status('Rejected'));
    expect(set(state, 1, profile(1, 'TxProfile', { transactionId: 50 }))).toEqual(status('Accepted'));
    expect(set(state, 1, profile(2, 'ChargePointMaxProfile'))).toEqual(status('Rejected'));
    expect(set(state, 0, profile(2, 'ChargePointMaxProfile'))).toEqual(status('Accepted'));
  });

  test('rule the composite schedule until they are cleared or their transaction is over', () => {
    const state = smart();
    const schedule = () => ask(state, 'GetCompositeSchedule', { connectorId: 1, duration: 300 });
    expect(schedule()).toEqual(status('Rejected'));
    start(state, 1, 50);
    set(state, 1, profile(1, 'TxProfile'));
    expect(schedule()).toEqual({
      status: 'Accepted',
      connectorId: 1,
      scheduleStart: '2026-01-01T00:00:00.000Z',
      chargingSchedule: {
        duration: 300,
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
      },
    });
    say(state, 'StopTransaction', { transactionId: 50, meterStop: 1 });
    expect(schedule()).toEqual(status('Rejected'));
    expect(
      ask(state, 'GetCompositeSchedule', { connectorId: 1, duration: 1, chargingRateUnit: 'V' }),
    ).toEqual({
      errorCode: 'PropertyConstraintViolation',
    });
  });

  test('are cleared by id, or by all other fields', () => {
    const state = smart();
    set(state, 1, profile(1, 'TxDefaultProfile'));
    set(state, 2, profile(2, 'TxDefaultProfile'));
    const clear = (payload: Json) => ask(state, 'ClearChargingProfile', payload);
    expect(clear({ id: 3 })).toEqual(status('Unknown'));
    expect(clear({ id: 1, connectorId: 2 })).toEqual(status('Accepted'));
    expect(clear({ connectorId: 1 })).toEqual(status('Unknown'));
    expect(clear({ chargingProfilePurpose: 'TxDefaultProfile' })).toEqual(status('Accepted'));
    expect(clear({})).toEqual(status('Unknown'));
  });
});

describe('other commands', () => {
  test('a transaction that runs may be stopped, by its live id', () => {
    const state = charger();
    start(state, 1, 50);
    const stop = (transactionId: number) => ask(state, 'RemoteStopTransaction', { transactionId });
    expect([stop(50), stop(51)]).toEqual(['Accepted', 'Rejected'].map(status));
  });

  test('a cache is cleared where there is one', () => {
    expect(ask(charger(), 'ClearCache', {})).toEqual(status('Rejected'));
    expect(ask(charger({ AuthorizationCacheEnabled: 'True' }), 'ClearCache', {})).toEqual(status('Accepted'));
  });

  test('a signed certificate is taken when one was asked for', () => {
    const state = charger();
    const sign = () => ask(state, 'CertificateSigned', { certificateChain: 'x' });
    expect(sign()).toEqual(status('Rejected'));
    say(state, 'SignCertificate', { csr: 'x' }, status('Accepted'));
    expect(sign()).toEqual(status('Accepted'));
  });

  test('any payload is answered', () => {
    for (const payload of [null, [], 'x', { connectorId: 'one', key: 7, csChargingProfiles: [] }] as Json[]) {
      for (const action of ['ReserveNow', 'SetChargingProfile', 'GetConfiguration', 'ChangeConfiguration']) {
        expect(() => ask(charger(), action, payload)).not.toThrow();
      }
    }
  });
});
