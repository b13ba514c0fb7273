import { describe, expect, it } from 'vitest';
import { Opcode } from '../../src/session/frame.ts';
import { answering, FakeRun } from '../support/fake-run.ts';

const BOOT = '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';
const START =
  '> StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:01Z"}';
const METER = '> MeterValues {"connectorId":1,"transactionId":7,"meterValue":[]}';
const STOP = '> StopTransaction {"transactionId":7,"meterStop":5,"timestamp":"2026-01-01T00:00:09Z"}';

const TRANSACTION = `
  0 open
  10 ${BOOT}
  20 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  1000 ${START}
  1010 < {"transactionId":7,"idTagInfo":{"status":"Accepted"}}
  2000 ${METER}
  2010 < {}
  9000 ${STOP}
  9010 < {}
  9500 > Heartbeat {}
  9510 < {"currentTime":"2026-01-01T00:00:09Z"}
  10000 end charger fin`;

describe('virtual charger', () => {
  it('sends the calls in recorded order at their recorded pace', () => {
    const run = new FakeRun(TRANSACTION, {
      respond: answering({ StartTransaction: { transactionId: 7 } }),
    }).play();
    expect(run.sent.map(({ ms, action }) => [ms, action])).toEqual([
      [10, 'BootNotification'],
      [1000, 'StartTransaction'],
      [2000, 'MeterValues'],
      [9000, 'StopTransaction'],
      [9500, 'Heartbeat'],
    ]);
    expect(run.outcome).toMatchObject({ complete: true, reason: null, notSent: 0 });
  });

  it('is ten times as fast at speed 10', () => {
    const run = new FakeRun(TRANSACTION, {
      speed: 10,
      respond: answering({ StartTransaction: { transactionId: 7 } }),
    }).play();
    expect(run.sent.map(({ ms }) => ms)).toEqual([1, 100, 200, 900, 950]);
  });

  it('sends nothing before the answer that the recording had, at full speed too', () => {
    const run = new FakeRun(TRANSACTION, {
      speed: 'max',
      respond: (message) => {
        const [text] = answering({ StartTransaction: { transactionId: 7 } })(message);
        return text === undefined ? [] : [{ text: String(text), ms: 50 }];
      },
    }).play();
    expect(run.sent.map(({ ms }) => ms)).toEqual([0, 50, 100, 150, 200]);
  });

  it('keeps as many calls outstanding as the recording had', () => {
    const script = `
      0 open
      1 > StatusNotification {"connectorId":0}
      2 > StatusNotification {"connectorId":1}
      3 < {}
      4 < {}
      5 > Heartbeat {}
      6 < {}`;
    const run = new FakeRun(script, { speed: 'max' });
    run.play(100);
    expect(run.actions).toEqual(['StatusNotification', 'StatusNotification']);
  });

  it('echoes the id that the CSMS issued exactly as it was written', () => {
    for (const live of ['90071992547409931', '"tx-9"', '-3']) {
      const run = new FakeRun(TRANSACTION, {
        speed: 'max',
        respond: ({ action, id }) => [
          `[3, ${JSON.stringify(id)}, ${action === 'StartTransaction' ? `{"transactionId": ${live}}` : '{}'}]`,
        ],
      }).play();
      expect(run.sent[2]?.text).toContain(`{"connectorId":1,"transactionId":${live},"meterValue":[]}`);
      expect(run.sent[3]?.text).toContain(`{"transactionId":${live},"meterStop":5,`);
      expect(run.deeds.find((deed) => deed.kind === 'bind')).toMatchObject({
        bound: { idClass: 'transactionId', recorded: '7', live },
      });
    }
  });

  it('leaves an id that was never issued as it was recorded', () => {
    const script = `
      0 open
      1 > MeterValues {"connectorId":7,"transactionId":-1,"meterValue":[]}
      2 < {}
      3 ${START}
      4 < {"transactionId":7}
      5 > MeterValues {"connectorId":7,"transactionId":-1,"meterValue":[]}
      6 < {}`;
    const run = new FakeRun(script, {
      speed: 'max',
      respond: answering({ StartTransaction: { transactionId: 99 } }),
    }).play();
    expect(run.sent[0]?.payload).toEqual({ connectorId: 7, transactionId: -1, meterValue: [] });
    expect(run.sent[2]?.payload).toEqual({ connectorId: 7, transactionId: -1, meterValue: [] });
  });

  it('takes the id that was issued last when the recorded CSMS issued the same one twice', () => {
    const script = `
      0 open
      1 ${START}
      2 < {"transactionId":7}
      3 ${STOP}
      4 < {}
      5 ${START}
      6 < {"transactionId":7}
      7 ${STOP}
      8 < {}`;
    let issued = 100;
    const run = new FakeRun(script, {
      speed: 'max',
      respond: (message) => answering({ StartTransaction: { transactionId: ++issued } })(message),
    }).play();
    const [, first, , second] = run.sent;
    expect([first?.payload.transactionId, second?.payload.transactionId]).toEqual([101, 103]);
  });

  it('leaves out what depends on a refused transaction and goes on', () => {
    const run = new FakeRun(TRANSACTION, {
      speed: 'max',
      respond: ({ action, id }) =>
        action === 'StartTransaction' ? [`[4,"${id}","InternalError","",{}]`] : [`[3,"${id}",{}]`],
    }).play();
    expect(run.actions).toEqual(['BootNotification', 'StartTransaction', 'Heartbeat']);
    expect(run.outcome).toMatchObject({ complete: true, notSent: 2 });
  });

  it('is incomplete when the id of a transaction never comes', () => {
    const run = new FakeRun(TRANSACTION, {
      speed: 'max',
      respond: ({ action, id }) => (action === 'StartTransaction' ? [] : [`[3,"${id}",{}]`]),
    }).play();
    expect(run.actions).toEqual(['BootNotification', 'StartTransaction', 'Heartbeat']);
    expect(run.sent[2]?.ms).toBe(30_000);
    expect(run.outcome).toMatchObject({
      complete: false,
      notSent: 2,
      reason: 'The CSMS did not answer StartTransaction, so its transactionId is not known.',
    });
  });

  it('goes on after 30 s without an answer, and stays complete', () => {
    const run = new FakeRun(TRANSACTION, {
      speed: 'max',
      respond: ({ action, id }) =>
        action === 'MeterValues'
          ? []
          : [`[3,"${id}",${action === 'StartTransaction' ? '{"transactionId":5}' : '{}'}]`],
    }).play();
    expect(run.actions).toHaveLength(5);
    expect(run.sent[3]?.ms).toBe(30_000);
    expect(run.outcome).toMatchObject({ complete: true, notSent: 0 });
  });

  it('waits less for the next answer of an action that was never answered', () => {
    const beats = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${n * 10} > Heartbeat {}\n${n * 10 + 1} < {}`);
    const run = new FakeRun(`0 open\n${beats.join('\n')}`, { speed: 'max' }).play();
    expect(run.sent).toHaveLength(8);
    expect(run.sent.at(-1)?.ms).toBeLessThan(61_000);
    expect(run.outcome?.complete).toBe(true);
  });

  it('gives up a CSMS that answers nothing any more', () => {
    const run = new FakeRun(TRANSACTION, { speed: 'max' }).play();
    expect(run.outcome).toMatchObject({ complete: false });
    expect(run.outcome?.reason).toMatch(/did not answer StartTransaction|has stopped answering/);
    expect(run.ms).toBeLessThan(120_000);
  });

  it('sends malformed text, orphan answers and pings as they were', () => {
    const script = `
      0 open
      1 raw charger this is {not JSON
      2 raw charger [3,"nobody-asked",{}]
      3 ping charger hello
      4 > Heartbeat {}
      5 < {}`;
    const run = new FakeRun(script, { speed: 'max', respond: answering() }).play();
    expect(run.sent.map(({ text }) => text).slice(0, 2)).toEqual([
      'this is {not JSON',
      '[3,"nobody-asked",{}]',
    ]);
    expect(run.control[0]).toBe(Opcode.ping);
    expect(run.actions).toEqual(['Heartbeat']);
  });

  it('shifts times by whole seconds in their own format and leaves clocks that were never set', () => {
    const script = `
      0 open
      1 > StatusNotification {"connectorId":1, "timestamp" : "2026-01-01 00:00:01.123+01:00"}
      2 < {}
      3 > StatusNotification {"connectorId":1,"timestamp":"1970-01-01T00:00:05Z"}
      4 < {}`;
    const run = new FakeRun(script, { speed: 'max', delta: 3600, respond: answering() }).play();
    expect(run.sent[0]?.text).toContain('{"connectorId":1, "timestamp" : "2026-01-01 01:00:01.123+01:00"}');
    expect(run.sent[1]?.payload.timestamp).toBe('1970-01-01T00:00:05Z');
  });

  it('ends quickly and incomplete when it is stopped', () => {
    const run = new FakeRun(TRANSACTION, { respond: answering() });
    run.stop(1500);
    run.play();
    expect(run.ms).toBe(1500);
    expect(run.outcome).toMatchObject({ complete: false, reason: 'stopped' });
  });
});
