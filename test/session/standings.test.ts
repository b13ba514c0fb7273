import { describe, expect, it } from 'vitest';
import { writeJson } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { Standings } from '../../src/session/standings.ts';
import { scriptedSession } from '../support/scripted-session.ts';

const AT = new Date('2026-02-01T10:00:00Z');

/** What a scripted session leaves standing. */
function after(script: string): Standings {
  const standings = new Standings();
  for (const event of scriptedSession(`0 open\n${script}`).events) {
    if (event.kind === 'frame') standings.take(event.frame, ocpp16);
  }
  return standings;
}

const START =
  '> StartTransaction {"connectorId":2,"idTag":"A","meterStart":40,"timestamp":"2026-01-01T00:00:01Z"}';
const accepted = (id: string) => `< {"transactionId":${id},"idTagInfo":{"status":"Accepted"}}`;
const status = (connector: number, value: string) =>
  `> StatusNotification {"connectorId":${connector},"errorCode":"NoError","status":"${value}"}`;

const undoings = (standings: Standings) =>
  standings.undoings(AT).map(({ action, payload }) => `${action} ${writeJson(payload)}`);

describe('what stands at the end of a conversation', () => {
  it.each(['7', '"7"', '9223372036854775807', '"a-uuid"'])(
    'is transaction %s, stopped by exactly that id',
    (id) => {
      expect(undoings(after(`1 ${START}\n2 ${accepted(id)}`))).toEqual([
        `StopTransaction {"transactionId":${id},"timestamp":"2026-02-01T10:00:00.000Z","meterStop":40,"reason":"Other"}`,
      ]);
    },
  );

  it.each([
    ['the last value of the register', '[{"value":"45"},{"value":"46.4"}]', 46],
    ['kWh', '[{"value":"0.05","unit":"kWh","measurand":"Energy.Active.Import.Register"}]', 50],
    ['no other measurand', '[{"value":"7","measurand":"Current.Import"}]', 40],
    ['no phase alone', '[{"value":"7","phase":"L1"}]', 40],
    ['nothing below its start', '[{"value":"7"}]', 40],
    ['no word', '[{"value":"much"}]', 40],
  ])('is a transaction, stopped at the meter that was told last: %s', (_, sampled, meterStop) => {
    const values = (id: string, sampledValue: string) =>
      `> MeterValues {"connectorId":2,"transactionId":${id},"meterValue":[{"timestamp":"x","sampledValue":${sampledValue}}]}`;
    const script = `1 ${START}\n2 ${accepted('7')}\n3 ${values('7', sampled)}\n4 < {}`;
    const others = `5 ${values('8', '[{"value":"99"}]')}\n6 < {}`;
    expect(after(`${script}\n${others}`).undoings(AT)).toMatchObject([
      { payload: { transactionId: 7, meterStop } },
    ]);
  });

  it.each([
    ['was stopped', '3 > StopTransaction {"transactionId":7,"meterStop":1}\n4 < {}', 0],
    ['was stopped by the same digits as text', '3 > StopTransaction {"transactionId":"7"}\n4 < {}', 0],
    ['had its stop refused', '3 > StopTransaction {"transactionId":7}\n4 <! InternalError', 1],
    ['had its stop unanswered', '3 > StopTransaction {"transactionId":7}', 1],
    ['was told to stop by another id', '3 > StopTransaction {"transactionId":8}\n4 < {}', 1],
  ])('is a transaction unless it %s', (_, rest, count) => {
    expect(undoings(after(`1 ${START}\n2 ${accepted('7')}\n${rest}`))).toHaveLength(count);
  });

  it('is no transaction of a refused tag with no id above 0', () => {
    expect(undoings(after(`1 ${START}\n2 < {"transactionId":-1,"idTagInfo":{"status":"Invalid"}}`))).toEqual(
      [],
    );
    expect(
      undoings(after(`1 ${START}\n2 < {"transactionId":5,"idTagInfo":{"status":"Invalid"}}`)),
    ).toHaveLength(1);
    expect(undoings(after(`1 ${START}\n2 ${accepted('0')}`))).toHaveLength(1);
  });

  it('is every connector that is not available, after the transactions', () => {
    const script = `
      1 ${status(1, 'Charging')}
      2 < {}
      3 ${START}
      4 ${accepted('7')}
      5 ${status(2, 'Faulted')}
      6 < {}
      7 ${status(1, 'Available')}
      8 < {}
      9 ${status(0, 'Unavailable')}
      10 < {}`;
    expect(after(script).undoings(AT)).toMatchObject([
      { action: 'StopTransaction' },
      {
        action: 'StatusNotification',
        payload: { connectorId: 0, status: 'Available', errorCode: 'NoError' },
      },
      { action: 'StatusNotification', payload: { connectorId: 2, status: 'Available' } },
    ]);
  });

  it('is a transaction that nobody can name, when its start was not answered', () => {
    expect(after(`1 ${START}`).unnamed).toEqual(['StartTransaction']);
    expect(after(`1 ${START}\n2 <! InternalError`).unnamed).toEqual([]);
  });

  it('is known to a later part of the conversation, but for a charger that boots without a transaction', () => {
    const boot = '1 > BootNotification {}\n2 < {"status":"Accepted"}';
    const events = scriptedSession('0 open\n1 > BootNotification {}\n2 > Heartbeat {}').events;
    const [booting, beating] = events.flatMap((event) => (event.kind === 'frame' ? [event.frame] : []));
    const kinds = (standings: Standings, first = beating) =>
      standings.presumedBy(first!, ocpp16).map(({ kind }) => kind);
    const running = after(`${boot}\n3 ${START}\n4 ${accepted('7')}\n5 ${status(2, 'Charging')}\n6 < {}`);
    expect(kinds(running)).toEqual(['introduction', 'status', 'transaction']);
    expect(kinds(running, booting)).toEqual(['introduction', 'status', 'transaction']);
    expect(kinds(after(boot))).toEqual(['introduction']);
    expect(kinds(after(boot), booting)).toEqual([]);
    expect(kinds(after('1 > BootNotification {}\n2 < {"status":"Pending"}'))).toEqual([]);
  });
});
