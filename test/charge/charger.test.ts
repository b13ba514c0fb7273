import { describe, expect, it } from 'vitest';
import { Charger, type ChargerOptions } from '../../src/charge/charger.ts';
import { readProfile } from '../../src/charge/profile-file.ts';
import type { Json } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { Desk } from '../support/charger-desk.ts';

const BEGIN_MS = Date.parse('2026-03-02T07:00:00.000Z');

function optionsOf(profile: string, seed: number): ChargerOptions {
  const about = { protocol: ocpp16, identity: 'CP-1', number: 1 };
  return { ...about, profile: readProfile(profile), seed, nowMs: BEGIN_MS };
}

function desk(profile = 'keba-m20', seed = 7): Desk {
  return new Desk(optionsOf(profile, seed));
}

describe('a charger that lives', () => {
  it('has one connection at a time, also when power fails while it dials', () => {
    const one = new Charger(optionsOf('keba-m20', 7));
    expect(one.handle({ kind: 'tick' }, BEGIN_MS)).toEqual([{ kind: 'dial' }]);
    expect(one.handle({ kind: 'act', act: { kind: 'power', forMs: 5_000 } }, BEGIN_MS)).toEqual([]);
    expect(one.handle({ kind: 'opened' }, BEGIN_MS + 100)).toEqual([{ kind: 'end', how: 'reset' }]);
    expect(one.handle({ kind: 'ended' }, BEGIN_MS + 200)).toEqual([]);
    expect(one.handle({ kind: 'tick' }, BEGIN_MS + 4_999)).toEqual([]);
    expect(one.handle({ kind: 'tick' }, BEGIN_MS + 5_000)).toEqual([{ kind: 'dial' }]);
  });

  it('boots, tells its connectors and beats at the interval that it was given', () => {
    const one = desk();
    one.answers.BootNotification = () => ({
      status: 'Accepted',
      currentTime: '2026-03-02T07:00:00Z',
      interval: 100,
    });
    one.run(250);
    expect(one.actions).toEqual([
      'BootNotification',
      'StatusNotification',
      'StatusNotification',
      'Heartbeat',
      'Heartbeat',
    ]);
  });

  it('says nothing but its BootNotification until it is accepted, and comes again after the interval', () => {
    const one = desk();
    const answers = ['Rejected', 'Pending', 'Accepted'];
    one.answers.BootNotification = () => ({
      status: answers.shift() ?? 'Accepted',
      currentTime: '2026-03-02T07:00:00Z',
      interval: 30,
    });
    one.act({ kind: 'plug', connector: 1 });
    one.run(59);
    expect(one.actions).toEqual(['BootNotification', 'BootNotification']);
    one.run(3);
    expect(one.actions.slice(2, 4)).toEqual(['BootNotification', 'StatusNotification']);
  });

  it('answers no command while it is rejected, and obeys while it is pending', () => {
    const one = desk();
    let status = 'Rejected';
    one.answers.BootNotification = () => ({ status, currentTime: '2026-03-02T07:00:00Z', interval: 30 });
    one.run(1);
    expect(one.command('GetConfiguration', {})).toBeNull();
    status = 'Pending';
    one.run(31);
    expect(one.command('TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 1 })).toEqual(
      {
        status: 'Accepted',
      },
    );
    expect(one.actions.at(-1)).toBe('StatusNotification');
  });

  it('charges whom the CSMS accepts, with the id that it issued', () => {
    const one = desk();
    one.answers.StartTransaction = () => ({ transactionId: 4711, idTagInfo: { status: 'Accepted' } });
    one.run(1);
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.act({ kind: 'plug', connector: 1 });
    one.run(61);
    one.act({ kind: 'tap', connector: 1, tag: 'tag' });
    one.run(1);
    expect(one.last('MeterValues')).toMatchObject({ connectorId: 1, transactionId: 4711 });
    expect(one.last('StopTransaction')).toMatchObject({ transactionId: 4711, idTag: 'TAG' });
    expect(one.last('StatusNotification')).toMatchObject({ status: 'Finishing' });
  });

  it('stops a transaction that the CSMS does not accept', () => {
    const one = desk();
    one.answers.StartTransaction = () => ({ transactionId: 1, idTagInfo: { status: 'Blocked' } });
    one.run(1);
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(1);
    expect(one.last('StopTransaction')).toMatchObject({ transactionId: 1, reason: 'DeAuthorized' });
  });

  it('keeps what belongs to a transaction while it is offline, and sends it in order', () => {
    const one = desk();
    one.run(1);
    one.act({ kind: 'drop', forMs: 100_000 });
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(70);
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    const before = one.actions.length;
    one.run(40);
    const after = one.actions.slice(before).filter((action) => action !== 'StatusNotification');
    expect(after).toEqual(['StartTransaction', 'MeterValues', 'StopTransaction']);
  });

  it('sends a call of a transaction again after its interval, as often as it is told to, then goes on with -1', () => {
    const one = desk();
    one.run(1);
    one.answers.StartTransaction = () => null;
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(200);
    expect(one.actions.filter((action) => action === 'StartTransaction')).toHaveLength(3);
    expect(one.last('MeterValues')).toMatchObject({ transactionId: -1 });
  });

  it('starts and stops for the CSMS', () => {
    const one = desk();
    one.run(1);
    expect(one.command('RemoteStartTransaction', { idTag: 'APP', connectorId: 1 })).toEqual({
      status: 'Accepted',
    });
    expect(one.last('StatusNotification')).toMatchObject({ status: 'Preparing' });
    one.act({ kind: 'plug', connector: 1 });
    one.run(1);
    expect(one.last('StartTransaction')).toMatchObject({ idTag: 'APP' });
    expect(one.command('RemoteStopTransaction', { transactionId: 99 })).toEqual({ status: 'Rejected' });
    expect(one.command('RemoteStopTransaction', { transactionId: one.transactionId })).toEqual({
      status: 'Accepted',
    });
    one.run(1);
    expect(one.last('StopTransaction')).toMatchObject({ reason: 'Remote' });
  });

  it('waits no longer for a cable than ConnectionTimeOut', () => {
    const one = desk();
    one.run(1);
    one.command('RemoteStartTransaction', { idTag: 'APP', connectorId: 1 });
    one.run(61);
    expect(one.last('StatusNotification')).toMatchObject({ status: 'Available' });
    one.act({ kind: 'plug', connector: 1 });
    one.run(1);
    expect(one.actions).not.toContain('StartTransaction');
  });

  it('closes and boots for a Reset, and tells why the transaction ended', () => {
    const one = desk();
    one.run(1);
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(1);
    expect(one.command('Reset', { type: 'Soft' })).toEqual({ status: 'Accepted' });
    one.run(10);
    expect(one.last('StopTransaction')).toMatchObject({ reason: 'SoftReset' });
    expect(one.effects).toEqual(['dial', 'end', 'dial']);
    expect(one.actions.filter((action) => action === 'BootNotification')).toHaveLength(2);
  });

  it('is out of order when the transaction is over that it was told in', () => {
    const one = desk();
    one.run(1);
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(1);
    expect(one.command('ChangeAvailability', { connectorId: 1, type: 'Inoperative' })).toEqual({
      status: 'Scheduled',
    });
    one.act({ kind: 'unplug', connector: 1 });
    one.run(1);
    expect(one.last('StatusNotification')).toMatchObject({ status: 'Unavailable' });
  });

  it('stops the flow of power for a limit that is too low, and lets it go on when that is lifted', () => {
    const one = desk();
    one.run(1);
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(1);
    one.command('SetChargingProfile', { connectorId: 1, csChargingProfiles: limitOf(0, one.transactionId) });
    expect(one.last('StatusNotification')).toMatchObject({ status: 'SuspendedEVSE' });
    one.command('ClearChargingProfile', {});
    one.run(1);
    expect(one.last('StatusNotification')).toMatchObject({ status: 'Charging' });
  });

  it('changes what it is told to change', () => {
    const one = desk();
    one.run(1);
    expect(one.command('ChangeConfiguration', { key: 'metervaluesampleinterval', value: '5' })).toEqual({
      status: 'Accepted',
    });
    one.act({ kind: 'plug', connector: 1 });
    one.act({ kind: 'tap', connector: 1, tag: 'TAG' });
    one.run(21);
    expect(one.actions.filter((action) => action === 'MeterValues')).toHaveLength(4);
  });

  it('writes as its make does', () => {
    const abb = desk('abb-terra-ac');
    abb.run(1);
    expect(abb.texts[1]).toMatch(
      /^\[2, "\d{7}", "StatusNotification", \{"connectorId": 0, "errorCode": "NoError", "info": "null"/,
    );
    const abl = desk('abl-emh');
    abl.run(1);
    expect(abl.texts[1]).toMatch(/^\[2, "\d{8}", "StatusNotification" ,\{"connectorId":0,/);
    const alfen = desk('alfen-eve-single');
    alfen.run(20);
    expect(alfen.texts[0]).toMatch(/^\[2,"1","BootNotification"/);
  });
});

function limitOf(limit: number, transactionId: number): Json {
  return {
    chargingProfileId: 1,
    transactionId,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  };
}
