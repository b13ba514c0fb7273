import { describe, expect, it } from 'vitest';
import { answering, FakeRun, type Respond } from '../support/fake-run.ts';

const BOOT = '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';

/** A reaction to Boot, an external RemoteStart that provokes a transaction, and a Heartbeat that depends on neither. */
const REMOTE = `
  0 open
  10 ${BOOT}
  20 < {"status":"Accepted"}
  120 << ChangeConfiguration {"key":"MeterValueSampleInterval","value":"60"}
  150 >> {"status":"Accepted"}
  9000 << RemoteStartTransaction {"connectorId":1,"idTag":"A"}
  9100 >> {"status":"Accepted"}
  9200 > StartTransaction {"connectorId":1,"idTag":"a","meterStart":0,"timestamp":"2026-01-01T00:00:09Z"}
  9210 < {"transactionId":7}
  9900 > StopTransaction {"transactionId":7,"meterStop":5,"timestamp":"2026-01-01T00:00:09Z"}
  9910 < {}
  9950 > Heartbeat {}
  9960 < {}`;

/** Answers calls, and sends these texts after the answer of that action. */
function sending(after: Record<string, string[]>): Respond {
  const answer = answering({ StartTransaction: { transactionId: 50 } });
  return (message) => [...answer(message), ...(after[message.action] ?? [])];
}

const CHANGE = '[2,"c1","ChangeConfiguration",{"value":"60","key":"MeterValueSampleInterval"}]';
const REMOTE_START = '[2,"c2","RemoteStartTransaction",{"connectorId":1,"idTag":"A"}]';

describe('commands', () => {
  it('answers a command with the recorded answer under the live message id', () => {
    const run = new FakeRun(REMOTE, {
      speed: 'max',
      respond: sending({ BootNotification: [CHANGE, REMOTE_START] }),
    });
    run.play();
    expect(run.sent.map(({ text }) => text)).toContain('[3,"c1",{"status":"Accepted"}]');
    const answer = run.deeds.find((deed) => deed.kind === 'send' && deed.frame.source !== null);
    expect(answer).toMatchObject({ frame: { source: 'recorded', replays: expect.any(Number) } });
    expect(run.outcome).toMatchObject({ complete: true, notSent: 0 });
  });

  it('answers after the recorded delay', () => {
    const run = new FakeRun(REMOTE, {
      respond: sending({ BootNotification: [CHANGE], Heartbeat: [REMOTE_START] }),
    });
    run.play();
    expect(run.sent.find(({ id }) => id === 'c1')?.ms).toBe(40);
  });

  it('lets the provoked call wait for its command and leaves it out when an external one never comes', () => {
    const run = new FakeRun(REMOTE, {
      speed: 'max',
      respond: sending({ BootNotification: [CHANGE] }),
    }).play();
    expect(run.actions).toEqual(['BootNotification', 'Heartbeat']);
    expect(run.sent.at(-1)).toMatchObject({ action: 'Heartbeat', ms: 30_000 });
    expect(run.outcome).toMatchObject({ complete: true, notSent: 2 });
  });

  it('sends the provoked call when its command is late', () => {
    const run = new FakeRun(REMOTE, { speed: 'max', respond: sending({ BootNotification: [CHANGE] }) });
    run.csms(REMOTE_START, 20_000, 1);
    run.play();
    expect(run.actions).toEqual(['BootNotification', 'StartTransaction', 'StopTransaction', 'Heartbeat']);
    expect(run.sent.find(({ action }) => action === 'StartTransaction')?.ms).toBe(20_000);
  });

  it('does not wait for a command that came early', () => {
    const run = new FakeRun(REMOTE, {
      speed: 'max',
      respond: sending({ BootNotification: [REMOTE_START, CHANGE] }),
    });
    run.play();
    expect(run.actions).toContain('StartTransaction');
    expect(run.outcome?.complete).toBe(true);
  });

  it('is incomplete when a reaction that provoked a call never comes', () => {
    const run = new FakeRun(REMOTE, {
      speed: 'max',
      respond: sending({ BootNotification: [CHANGE] }),
      edit: ({ commands }) => {
        commands[1]!.reaction = true;
      },
    }).play();
    expect(run.outcome).toMatchObject({
      complete: false,
      notSent: 2,
      reason: 'The CSMS did not send RemoteStartTransaction.',
    });
  });

  it('does what a charger does anyway when the command never comes', () => {
    const script = `
      0 open
      10 ${BOOT}
      20 < {"status":"Accepted"}
      30 << ChangeAvailability {"connectorId":1,"type":"Inoperative"}
      40 >> {"status":"Accepted"}
      50 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Unavailable"}
      60 < {}`;
    const run = new FakeRun(script, { speed: 'max', respond: answering() }).play();
    expect(run.sent[1]).toMatchObject({ action: 'StatusNotification', ms: 30_000 });
    expect(run.outcome).toMatchObject({ complete: true, notSent: 0 });
  });

  it('does not wait for the cause of a call that a refused command did not provoke', () => {
    const script = `
      0 open
      10 << TriggerMessage {"requestedMessage":"Heartbeat"}
      20 >> {"status":"Rejected"}
      30 > Heartbeat {}
      40 < {}`;
    const run = new FakeRun(script, { speed: 'max', respond: answering() }).play();
    expect(run.sent[0]).toMatchObject({ action: 'Heartbeat', ms: 0 });
  });

  it('lets the waits for several missing commands overlap', () => {
    const transactions = [1, 2, 3, 4].map(
      (n) => `
      ${n * 1000} << RemoteStartTransaction {"connectorId":1,"idTag":"T${n}"}
      ${n * 1000 + 1} >> {"status":"Accepted"}
      ${n * 1000 + 2} > StartTransaction {"connectorId":1,"idTag":"T${n}","meterStart":0,"timestamp":"2026-01-01T00:00:01Z"}
      ${n * 1000 + 3} < {"transactionId":${n}}`,
    );
    const run = new FakeRun(`0 open\n${transactions.join('')}`, {
      speed: 'max',
      respond: answering(),
    }).play();
    expect(run.outcome).toMatchObject({ complete: true, notSent: 4 });
    expect(run.ms).toBeLessThan(36_000);
  });

  it('answers a repeated command as that action was answered', () => {
    const run = new FakeRun(REMOTE, {
      speed: 'max',
      respond: sending({ BootNotification: [CHANGE, CHANGE.replace('c1', 'c9'), REMOTE_START] }),
    }).play();
    expect(run.sent.map(({ text }) => text)).toContain('[3,"c9",{"status":"Accepted"}]');
    const sources = run.deeds.flatMap((deed) => (deed.kind === 'send' ? [deed.frame.source] : []));
    expect(sources.filter((source) => source !== null)).toEqual(['recorded', 'action', 'recorded']);
  });

  it('answers a command that the recording never had as a conforming charger would', () => {
    const unknown = ['[2,"x1","GetLocalListVersion",{}]', '[2,"x2","NoSuchAction",{}]'];
    const run = new FakeRun(REMOTE, {
      speed: 'max',
      respond: sending({ BootNotification: [CHANGE, REMOTE_START, ...unknown] }),
    }).play();
    const texts = run.sent.map(({ text }) => text);
    expect(texts).toContain('[3,"x1",{"listVersion":-1}]');
    expect(texts.find((text) => text.startsWith('[4,"x2","NotImplemented"'))).toBeDefined();
  });

  it('answers two commands that are outstanding at once', () => {
    const script = `
      0 open
      10 ${BOOT}
      20 < {"status":"Accepted"}
      30 << GetConfiguration {"key":["A"]}
      31 << GetConfiguration {"key":["B"]}
      40 >> {"unknownKey":["A"]}
      41 >> {"unknownKey":["B"]}`;
    const commands = ['[2,"1","GetConfiguration",{"key":["B"]}]', '[2,"2","GetConfiguration",{"key":["A"]}]'];
    const run = new FakeRun(script, {
      speed: 'max',
      respond: sending({ BootNotification: commands }),
    }).play();
    expect(run.sent.map(({ text }) => text).slice(1)).toEqual([
      '[3,"1",{"unknownKey":["B"]}]',
      '[3,"2",{"unknownKey":["A"]}]',
    ]);
  });

  it('keeps silent about a command that the recorded charger left unanswered', () => {
    const script = `
      0 open
      10 ${BOOT}
      20 < {"status":"Accepted"}
      30 << ClearCache {}
      40000 > Heartbeat {}
      40010 < {}`;
    const respond = sending({ BootNotification: ['[2,"x","ClearCache",{}]'] });
    const run = new FakeRun(script, { speed: 'max', respond }).play();
    expect(run.actions).toEqual(['BootNotification', 'Heartbeat']);
    expect(run.sent).toHaveLength(2);
  });

  it('matches a command by the ids of the run and answers the right one', () => {
    const script = `
      0 open
      1 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:01Z"}
      2 < {"transactionId":7}
      3 > StartTransaction {"connectorId":2,"idTag":"B","meterStart":0,"timestamp":"2026-01-01T00:00:01Z"}
      4 < {"transactionId":8}
      10 << RemoteStopTransaction {"transactionId":7}
      11 >> {"status":"Rejected"}
      20 << RemoteStopTransaction {"transactionId":8}
      21 >> {"status":"Accepted"}
      22 > StopTransaction {"transactionId":8,"meterStop":5,"timestamp":"2026-01-01T00:00:09Z"}
      23 < {}`;
    const ids = [8, 7];
    const run = new FakeRun(script, {
      speed: 'max',
      respond: ({ action, id }) => {
        if (action !== 'StartTransaction') return action === '' ? [] : [`[3,"${id}",{}]`];
        const transactionId = ids.shift();
        const stop = transactionId === 7 ? ['[2,"s","RemoteStopTransaction",{"transactionId":7}]'] : [];
        return [`[3,"${id}",{"transactionId":${transactionId}}]`, ...stop];
      },
    }).play();
    expect(run.sent.map(({ text }) => text)).toContain('[3,"s",{"status":"Accepted"}]');
    expect(run.sent.find(({ action }) => action === 'StopTransaction')?.payload.transactionId).toBe(7);
  });

  it('binds an id that a command issues', () => {
    const script = `
      0 open
      10 << ReserveNow {"connectorId":1,"expiryDate":"2026-01-01T01:00:00Z","idTag":"A","reservationId":3}
      20 >> {"status":"Accepted"}
      30 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"reservationId":3,"timestamp":"2026-01-01T00:00:01Z"}
      40 < {"transactionId":1}`;
    const run = new FakeRun(script, {
      speed: 'max',
      respond: answering({ StartTransaction: { transactionId: 1 } }),
    });
    const payload = '{"connectorId":1,"expiryDate":"2026-02-01T01:00:00Z","idTag":"A","reservationId":777}';
    run.csms(`[2,"r","ReserveNow",${payload}]`, 5000, 1);
    run.play();
    expect(run.sent.find(({ action }) => action === 'StartTransaction')?.payload.reservationId).toBe(777);
  });
});
