import { describe, expect, it } from 'vitest';
import { Opcode } from '../../../src/session/frame.ts';
import { command, golden, result } from '../../support/golden-csms.ts';

const BOOT = '> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}';
const ACCEPTED = '{"status":"Accepted"}';

describe.concurrent('a charger that is odd', () => {
  it('sends arrays and null as payloads, and so it does again', async () => {
    const seen = await golden(
      `0 open
       1 raw charger [2,"a","Heartbeat",[]]
       2 raw csms [3,"a",[]]
       3 raw csms [2,"a","GetConfiguration",[]]
       4 raw charger [3,"a",[1,2]]
       5 raw charger [2,"b","MeterValues",[{"transactionId":4}]]
       6 raw csms [4,"b","FormationViolation"]
       7 raw charger [2,"c","StartTransaction",null]
       8 raw csms [3,"c",null]
       9 end charger fin`,
      (call) => (call.action === 'Heartbeat' ? [result(call, '[]'), '[2,"a","GetConfiguration",[]]'] : []),
    );
    expect(seen.calls.map(({ text }) => text)).toEqual([
      '[2,"a","Heartbeat",[]]',
      '[2,"b","MeterValues",[{"transactionId":4}]]',
      '[2,"c","StartTransaction",null]',
    ]);
    expect(seen.answers.get('a')).toBe('[3,"a",[1,2]]');
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it('uses the ids that the CSMS uses, again and again', async () => {
    const seen = await golden(
      `0 open
       1 raw charger [2,"1","Heartbeat",{}]
       2 raw csms [2,"1","GetConfiguration",{}]
       3 raw charger [3,"1",{"configurationKey":[]}]
       4 raw csms [3,"1",{"currentTime":"2026-01-01T00:00:00Z"}]
       5 raw charger [2,"1","Heartbeat",{}]
       6 raw csms [3,"1",{}]
       9 end charger fin`,
      (call) => [command('1', 'GetConfiguration', '{}'), { text: result(call, '{}'), ms: 20 }],
    );
    expect(seen.log.filter((one) => one !== '< GetConfiguration')).toEqual([
      'open',
      '> Heartbeat',
      '> Heartbeat',
      'end',
    ]);
    expect(seen.answers.get('1')).toBe('[3,"1",{"configurationKey":[]}]');
  });

  it('has a hundred calls outstanding, and never more', async () => {
    const calls = Array.from({ length: 100 }, (_, n) => `${1 + n} > MeterValues {"connectorId":${n}}`);
    const answers = Array.from({ length: 100 }, (_, n) => `${200 + n} < {}`);
    const rest = ['400 > Heartbeat {}', '401 < {}', '500 end charger fin'];
    const script = ['0 open', ...calls, ...answers, ...rest].join('\n');
    const seen = await golden(script, (call) => [{ text: result(call, '{}'), ms: 30 }]);
    expect(seen.log).toHaveLength(103);
    const [first, last] = [seen.calls[0]!, seen.calls.at(-1)!];
    expect(last.action).toBe('Heartbeat');
    expect(last.atMs - first.atMs).toBeGreaterThanOrEqual(29);
  });

  it('is cut off by a Reset in the middle of a call, comes back and boots', async () => {
    let boots = 0;
    const reset = command('r', 'Reset', '{"type":"Hard"}');
    const seen = await golden(
      `0 open
       1 ${BOOT}
       2 < ${ACCEPTED}
       10 << Reset {"type":"Hard"}
       12 >> ${ACCEPTED}
       13 > Heartbeat {}
       15 end charger reset
       1000 #2 open
       1010 #2 ${BOOT}
       1020 #2 < ${ACCEPTED}
       1050 #2 end charger fin`,
      (call) => {
        if (call.action !== 'BootNotification') return [];
        return boots++ === 0 ? [result(call, ACCEPTED), reset] : [result(call, ACCEPTED)];
      },
    );
    expect(seen.log).toEqual([
      ...['open', '> BootNotification', '< Reset', '> Heartbeat', 'end'],
      ...['open', '> BootNotification', 'end'],
    ]);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it('answers a ping with two pongs', async () => {
    const seen = await golden(
      `0 open
       1 > Heartbeat {}
       2 < {}
       3 ping csms x
       4 pong charger x
       5 pong charger x
       300 > Heartbeat {}
       301 < {}
       400 end charger fin`,
      () => [],
      { speed: 1 },
      1,
    );
    expect(seen.recorder.frames.filter(({ opcode }) => opcode === Opcode.pong)).toHaveLength(2);
  });

  it('never answers a command, known or not', async () => {
    const seen = await golden(
      `0 open
       1 > Heartbeat {}
       2 < {}
       3 << GetConfiguration {}
       40000 > Heartbeat {}
       40001 < {}
       40002 end charger fin`,
      (call) => [
        result(call, '{}'),
        command(`g${call.id}`, 'GetConfiguration', '{}'),
        command(`c${call.id}`, 'ClearCache', '{}'),
      ],
      { waitMs: 300 },
    );
    expect(seen.answers.size).toBe(0);
    expect(seen.log.filter((one) => one.startsWith('<'))).toHaveLength(4);
  });
});
