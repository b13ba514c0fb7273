import { describe, expect, it } from 'vitest';
import type { CallStep } from '../../src/replay/plan.ts';
import { buildPlan } from '../../src/replay/plan-builder.ts';
import { SCRIPT_START_US, scriptedSession } from '../support/scripted-session.ts';

function planOf(script: string) {
  const { session, events } = scriptedSession(script);
  return buildPlan(session, events, SCRIPT_START_US);
}

describe('plan', () => {
  it('takes what the charger does by itself as steps and its answers as reactions', () => {
    const { steps, commands } = planOf(`
      0 open
      10 > Heartbeat {}
      20 < {}
      30 << Reset {"type":"Soft"}
      40 >> {"status":"Accepted"}
      50 ping csms x
      51 pong charger x
      60 raw charger [3,"orphan",{}]
      70 close charger 1000
      80 close csms 1000
      90 end charger close`);
    expect(steps.map(({ kind }) => kind)).toEqual(['dial', 'call', 'frame', 'close', 'finish']);
    expect(commands.map(({ call, answers }) => [call.action, answers.length])).toEqual([['Reset', 1]]);
    expect(steps[3]).toMatchObject({ cause: { command: commands[0], whenMissing: 'continue' } });
  });

  it('keeps the offset of every step from the origin, over overlapping connections', () => {
    const { steps } = planOf(
      '100 #1 open\n200 #1 > Heartbeat {}\n300 #2 open\n400 #1 > Heartbeat {}\n500 #2 > Heartbeat {}',
    );
    expect(steps.map(({ connection, offsetUs }) => [connection % 100, offsetUs])).toEqual([
      [1, 100_000],
      [1, 200_000],
      [2, 300_000],
      [1, 400_000],
      [2, 500_000],
      [0, 500_000],
    ]);
  });

  it('classes a command as a reaction within 5 s of a stimulating answer, unless an operator alone starts it', () => {
    const { commands } = planOf(`
      0 open
      10 > BootNotification {}
      20 < {"status":"Accepted"}
      4000 << GetConfiguration {}
      4100 << Reset {"type":"Soft"}
      5200 << GetConfiguration {}
      6000 > Heartbeat {}
      6010 < {}
      6020 << GetConfiguration {}`);
    expect(commands.map(({ reaction }) => reaction)).toEqual([true, false, false, false]);
    expect(commands.map(({ stimulus }) => stimulus)).toEqual([1, 1, null, 2]);
  });

  it('gives each provoked call to one command', () => {
    const trigger = '<< TriggerMessage {"requestedMessage":"StatusNotification","connectorId":1}';
    const { steps, commands } = planOf(`
      0 open
      10 ${trigger}
      11 ${trigger}
      20 >> {"status":"Accepted"}
      21 >> {"status":"Accepted"}
      30 > StatusNotification {"connectorId":2}
      40 > StatusNotification {"connectorId":1}
      50 > StatusNotification {"connectorId":1}
      60 > StatusNotification {"connectorId":1}`);
    const causes = steps
      .filter((step): step is CallStep => step.kind === 'call')
      .map(({ cause }) => cause?.command);
    expect(causes).toEqual([undefined, commands[0], commands[1], undefined]);
  });

  it('looks no further than 60 s for what a command provoked', () => {
    const { steps } = planOf(`
      0 open
      10 << TriggerMessage {"requestedMessage":"Heartbeat"}
      20 >> {"status":"Accepted"}
      60020 > Heartbeat {}`);
    expect(steps[1]).toMatchObject({ kind: 'call', cause: null });
  });

  it('maps an id by its class and never by its value', () => {
    const { steps } = planOf(`
      0 open
      10 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":1,"timestamp":"2026-01-01T00:00:00Z"}
      20 < {"transactionId":1}
      30 > MeterValues {"connectorId":1,"transactionId":1,"meterValue":[]}`);
    expect((steps[2] as CallStep).uses.map(({ path }) => path)).toEqual([['transactionId']]);
  });

  it('knows a charger that never answers pings from one that was never pinged', () => {
    expect(planOf('0 open\n1 > Heartbeat {}').pongs.perPing).toBe(1);
    expect(planOf('0 open\n1 ping csms a\n2 > Heartbeat {}').pongs.perPing).toBe(0);
    expect(planOf('0 open\n1 ping csms a\n2 pong charger a\n3 pong charger a').pongs.perPing).toBe(2);
  });

  it('gives no step to a connection that was refused but its dialling', () => {
    const { steps } = planOf('0 open 401\n10 end csms fin');
    expect(steps.map(({ kind }) => kind)).toEqual(['dial', 'finish']);
  });
});
