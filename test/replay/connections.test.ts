import { describe, expect, it } from 'vitest';
import { FrameFlag, Opcode } from '../../src/session/frame.ts';
import { answering, FakeRun } from '../support/fake-run.ts';

const HEARTBEATS = `
  0 open
  100 > Heartbeat {}
  110 < {}
  5000 > Heartbeat {}
  5010 < {}
  9000 end charger fin`;

const CLOSE_1008 = Buffer.from([0x03, 0xf0]);

function dials(run: FakeRun): number[] {
  return run.deeds.flatMap((deed) => (deed.kind === 'dial' ? [deed.ms] : []));
}

function ends(run: FakeRun) {
  return run.deeds.flatMap((deed) =>
    deed.kind === 'end' ? [{ how: deed.how, ours: deed.ours, ms: deed.ms }] : [],
  );
}

describe('connections', () => {
  it('ends a connection by FIN as the charger did', () => {
    const run = new FakeRun(HEARTBEATS, { respond: answering() }).play();
    expect(ends(run)).toEqual([{ how: 'fin', ours: false, ms: 9000 }]);
    expect(run.control).toEqual([]);
  });

  it('resets a connection where the charger did', () => {
    const run = new FakeRun('0 open\n10 > Heartbeat {}\n20 end charger reset', { speed: 'max' }).play();
    expect(ends(run)).toEqual(
      [{ how: 'reset', ours: false, ms: 0 }].map((end) => ({ ...end, ms: expect.any(Number) })),
    );
  });

  it('sends the close frame of the charger and lets the CSMS end the connection', () => {
    const run = new FakeRun(
      '0 open\n10 > Heartbeat {}\n20 < {}\n30 close charger 1000\n40 close csms 1000\n50 end charger close',
      {
        respond: answering(),
      },
    ).play();
    expect(run.control).toEqual([Opcode.close]);
    expect(ends(run)).toEqual([]);
    expect(run.outcome?.complete).toBe(true);
  });

  it('plays reconnects in order, each with its own handshake', () => {
    const script = `
      0 #1 open
      10 #1 > Heartbeat {}
      20 #1 < {}
      30 #1 end charger fin
      1000 #2 open
      1010 #2 > Heartbeat {}
      1020 #2 < {}
      1030 #2 end charger fin`;
    const run = new FakeRun(script, { respond: answering() }).play();
    expect(dials(run)).toEqual([0, 1000]);
    expect(run.sent.map(({ socket }) => socket)).toEqual([1, 2]);
  });

  it('comes back when the CSMS ends a connection too early, without sending the call in flight again', () => {
    const run = new FakeRun(HEARTBEATS, { respond: ({ id, ms }) => (ms > 4000 ? [`[3,"${id}",{}]`] : []) });
    run.csmsEnds(500, 1);
    run.play();
    expect(dials(run)).toEqual([0, 1500]);
    expect(run.deeds.filter((deed) => deed.kind === 'dial').map((deed) => deed.again)).toEqual([false, true]);
    expect(run.sent.map(({ ms, socket }) => [ms, socket])).toEqual([
      [100, 1],
      [5000, 2],
    ]);
    expect(run.outcome?.complete).toBe(true);
  });

  it('comes back after a close frame of the CSMS, which it answers', () => {
    const run = new FakeRun(HEARTBEATS, { respond: answering() });
    run.csmsControl(Opcode.close, CLOSE_1008, 500, 1);
    run.play();
    expect(run.control).toEqual([Opcode.close]);
    expect(dials(run)).toEqual([0, 1500]);
  });

  it('does not come back when it had nothing more to say', () => {
    const run = new FakeRun(HEARTBEATS, { respond: answering() });
    run.csmsEnds(6000, 1);
    run.play();
    expect(dials(run)).toEqual([0]);
    expect(run.outcome?.complete).toBe(true);
  });

  it('gives a connection up after three further attempts and says so', () => {
    const run = new FakeRun(HEARTBEATS, { dialled: () => 'failed' }).play();
    expect(dials(run)).toEqual([0, 1000, 3000, 7000]);
    expect(run.outcome).toMatchObject({
      complete: false,
      notSent: 2,
      reason: 'The CSMS could not be reached: refused.',
    });
  });

  it('does not ask again after a refusal, and still tries the next recorded connection', () => {
    const script = `
      0 #1 open
      10 #1 > Heartbeat {}
      20 #1 < {}
      30 #1 end charger fin
      1000 #2 open
      1010 #2 > StatusNotification {}
      1020 #2 < {}`;
    const run = new FakeRun(script, {
      respond: answering(),
      dialled: (nth) => (nth === 1 ? 401 : 101),
    }).play();
    expect(run.actions).toEqual(['StatusNotification']);
    expect(run.outcome).toMatchObject({
      complete: false,
      notSent: 1,
      reason: 'The CSMS answered the handshake with 401.',
    });
  });

  it('repeats a refused handshake, and hangs up when it is accepted this time', () => {
    const script = '0 #1 open 401\n10 #1 end csms fin\n1000 #2 open\n1010 #2 > Heartbeat {}\n1020 #2 < {}';
    const run = new FakeRun(script, { speed: 'max', respond: answering() }).play();
    expect(dials(run)).toHaveLength(2);
    expect(run.outcome?.complete).toBe(true);
    const refusedAgain = new FakeRun(script, {
      speed: 'max',
      respond: answering(),
      dialled: (nth) => (nth === 1 ? 401 : 101),
    }).play();
    expect(refusedAgain.outcome?.complete).toBe(true);
    expect(refusedAgain.actions).toEqual(['Heartbeat']);
  });

  it('waits for the CSMS to end a connection that it ended in the recording', () => {
    const script = '0 open\n10 > Heartbeat {}\n20 < {}\n30 close csms 1008\n40 end csms close';
    const run = new FakeRun(script, { respond: answering() });
    run.csmsControl(Opcode.close, CLOSE_1008, 60, 1);
    run.play();
    expect(ends(run)).toEqual([{ how: 'fin', ours: false, ms: 60 }]);
    expect(run.outcome?.complete).toBe(true);
  });

  it('ends it itself, marked, when the CSMS does not within 5 s', () => {
    const script = '0 open\n10 > Heartbeat {}\n20 < {}\n30 end csms fin';
    const run = new FakeRun(script, { respond: answering() }).play();
    const last = run.deeds.findLast((deed) => deed.kind === 'send');
    expect(last).toMatchObject({
      ms: 5030,
      frame: { opcode: Opcode.close, flags: FrameFlag.masked | FrameFlag.ours },
    });
  });

  it('closes a connection whose recording has no end at the end of the session, marked', () => {
    const run = new FakeRun('0 open\n10 > Heartbeat {}\n20 < {}', { respond: answering() }).play();
    const last = run.deeds.findLast((deed) => deed.kind === 'send');
    expect(last).toMatchObject({ frame: { opcode: Opcode.close, flags: FrameFlag.masked | FrameFlag.ours } });
  });

  it('lets the CSMS send what it sent soon after an answer before it hangs up', () => {
    const script = `
      0 open
      10 > BootNotification {}
      20 < {"status":"Accepted"}
      900 << GetConfiguration {}
      910 >> {"configurationKey":[]}
      2000 end charger fin`;
    const respond = answering();
    const run = new FakeRun(script, {
      speed: 'max',
      respond: (message) => [
        ...respond(message),
        ...(message.action === '' ? [] : [{ text: '[2,"g","GetConfiguration",{}]', ms: 2500 }]),
      ],
    }).play();
    expect(run.sent.map(({ text }) => text)).toContain('[3,"g",{"configurationKey":[]}]');
    expect(ends(run)[0]?.ms).toBe(3500);
  });

  it('hangs up 5 s after the answer when such a command does not come', () => {
    const script = `
      0 open
      10 > BootNotification {}
      20 < {"status":"Accepted"}
      900 << GetConfiguration {}
      910 >> {"configurationKey":[]}
      2000 end charger fin`;
    const run = new FakeRun(script, { speed: 'max', respond: answering() }).play();
    expect(ends(run)[0]?.ms).toBe(5000);
    expect(run.outcome?.complete).toBe(true);
  });

  it('answers pings as often and as late as the recorded charger did', () => {
    const script = `
      0 open
      100 ping csms a
      140 pong charger a
      141 pong charger a
      200 > Heartbeat {}
      210 < {}
      9000 end charger fin`;
    const run = new FakeRun(script, { respond: answering() });
    run.csmsControl(Opcode.ping, Buffer.from('live'), 1000, 1);
    run.play();
    const pongs = run.deeds.flatMap((deed) =>
      deed.kind === 'send' && deed.frame.opcode === Opcode.pong
        ? [[deed.ms, Buffer.from(deed.frame.payload).toString()]]
        : [],
    );
    expect(pongs).toEqual([
      [1041, 'live'],
      [1041, 'live'],
    ]);
  });

  it('answers no ping when the recorded charger never did', () => {
    const run = new FakeRun('0 open\n100 ping csms a\n200 > Heartbeat {}\n210 < {}\n9000 end charger fin', {
      respond: answering(),
    });
    run.csmsControl(Opcode.ping, Buffer.from('live'), 1000, 1);
    run.play();
    expect(run.control).toEqual([]);
  });

  it('comes to an end under a flood', () => {
    const run = new FakeRun('0 open\n10 > Heartbeat {}\n20 < {}\n30 end charger fin', {
      waitMs: 2000,
      respond: ({ id, action }) =>
        action === ''
          ? [{ text: '[2,"f","ClearCache",{}]', ms: 1 }]
          : [`[3,"${id}",{}]`, '[2,"f","ClearCache",{}]'],
    }).play();
    expect(run.outcome?.complete).toBe(true);
    expect(run.ms).toBeLessThan(3000);
  });
});
