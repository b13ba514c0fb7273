import { describe, expect, it } from 'vitest';
import type { Side } from '../../src/ocpp/message.ts';
import { protocolFor } from '../../src/ocpp/protocols.ts';
import { FrameFlag, Opcode } from '../../src/session/frame.ts';
import { Observer, type WireFrame } from '../../src/session/observe.ts';

function newObserver(): Observer {
  return new Observer(protocolFor('ocpp1.6'));
}

let lastId = 0;

function wire(
  payload: string | Buffer,
  sender: Side = 'charger',
  changes: Partial<WireFrame> = {},
): WireFrame {
  const id = ++lastId;
  return {
    ...{
      id,
      connection: 1,
      atUs: id,
      monoUs: id * 10,
      sender,
      opcode: Opcode.text,
      payload: Buffer.from(payload),
    },
    ...{ wireBytes: 10, flags: 0, fragments: null, sha256: null },
    ...changes,
  };
}

describe('an observer', () => {
  it('reads a call and its answer', () => {
    const observer = newObserver();
    const call = wire('[2, "a", "Heartbeat", {}]');
    const answer = wire('[3,"a",{"currentTime":"x"}]', 'csms');
    const columns = {
      messageType: 'call',
      messageId: 'a',
      action: 'Heartbeat',
      answers: null,
      latencyUs: null,
    };
    expect(observer.message(call).frame).toEqual({ ...call, ...columns });
    expect(observer.message(answer)).toMatchObject({
      frame: {
        messageType: 'callResult',
        messageId: 'a',
        action: 'Heartbeat',
        answers: call.id,
        latencyUs: 10,
        flags: 0,
      },
      message: { type: 'callResult', payload: { currentTime: 'x' } },
    });
    expect(observer.message(wire('[3,"a",{}]', 'csms')).frame).toMatchObject({
      answers: call.id,
      flags: FrameFlag.duplicateAnswer,
    });
  });

  it('keeps the very bytes of a payload without secrets', () => {
    const base = wire('[2,"a","Heartbeat",{}]');
    expect(newObserver().message(base).frame.payload).toBe(base.payload);
  });

  it('redacts a secret in row and message, and flags it', () => {
    const text = '[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"canary"}]';
    const { frame, message } = newObserver().message(wire(text, 'csms'));
    expect(Buffer.from(frame.payload).toString()).toBe(text.replace('canary', '[redacted]'));
    expect(frame.flags).toBe(FrameFlag.redacted);
    expect(JSON.stringify(message)).not.toContain('canary');
  });

  it('tells what a charger says of its make', () => {
    const boot = '[2,"a","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]';
    expect(newObserver().message(wire(boot)).facts).toEqual({ vendor: 'V', model: 'M', firmware: null });
    expect(newObserver().message(wire(boot, 'csms')).facts).toBeNull();
  });

  it('reads a binary message too', () => {
    const base = wire('[2,"a","Heartbeat",{}]', 'charger', { opcode: Opcode.binary });
    expect(newObserver().message(base).frame).toMatchObject({ messageType: 'call', action: 'Heartbeat' });
  });

  it('redacts pings and close reasons, and leaves the close code', () => {
    const ping = wire('token=canary', 'charger', { opcode: Opcode.ping });
    const close = wire(Buffer.from('\x03\xf0password=canary', 'latin1'), 'csms', { opcode: Opcode.close });
    const [pinged, closed] = [ping, close].map((base) => newObserver().message(base).frame);
    expect(pinged).toMatchObject({ flags: FrameFlag.redacted, messageType: null });
    expect(Buffer.from(pinged!.payload).toString()).toBe('token=[redacted]');
    expect(Buffer.from(closed!.payload).toString('latin1')).toBe('\x03\xf0password=[redacted]');
  });

  it('leaves control frames and opaque bytes unread', () => {
    const nothing = { messageType: null, messageId: null, action: null, answers: null, latencyUs: null };
    const ping = wire('[2,"a","Heartbeat",{}]', 'charger', { opcode: Opcode.ping });
    const opaque = wire('[2,"a","Heartbeat",{}]', 'charger', { opcode: null, flags: FrameFlag.opaque });
    for (const base of [ping, opaque]) {
      expect(newObserver().message(base)).toEqual({
        frame: { ...base, ...nothing },
        message: null,
        facts: null,
      });
    }
  });

  it('keeps a text that is not UTF-8 as it came, as malformed', () => {
    const payload = Buffer.from([0x5b, 0xff, 0x5d]);
    const text = newObserver().message(wire(payload));
    expect(text.frame).toMatchObject({ messageType: 'malformed', messageId: null, flags: FrameFlag.badUtf8 });
    expect(Buffer.from(text.frame.payload).equals(payload)).toBe(true);
    const binary = newObserver().message(wire(payload, 'charger', { opcode: Opcode.binary }));
    expect(binary.frame).toMatchObject({ messageType: 'malformed', flags: 0 });
  });

  it.each([FrameFlag.oversize, FrameFlag.notInflated, FrameFlag.unfinished])(
    'reads no message from a part of one (flag %i), and its id stays open',
    (flags) => {
      const observer = newObserver();
      const { frame } = observer.message(wire('[2,"a","Heartbeat",{}]', 'charger', { flags }));
      expect(frame).toMatchObject({ messageType: 'malformed', action: null, flags });
      expect(observer.message(wire('[3,"a",{}]', 'csms')).frame.answers).toBeNull();
    },
  );

  it('searches bytes that it cannot read for secrets', () => {
    const secret = '{"key":"AuthorizationKey","value":"canary"}';
    const payload = Buffer.concat([Buffer.from([0xff]), Buffer.from(secret)]);
    for (const base of [wire(payload), wire(payload, 'csms', { opcode: null, flags: FrameFlag.opaque })]) {
      const { frame } = newObserver().message(base);
      expect(Buffer.from(frame.payload).includes('canary')).toBe(false);
      expect(frame.flags & FrameFlag.redacted).toBeTruthy();
    }
  });
});

describe('the row of a frame', () => {
  it('is the same whether or not its message is decoded', () => {
    const [quick, thorough] = [newObserver(), newObserver()];
    const texts: [Side, string | Buffer][] = [
      ...(['[2,"a","Heartbeat",{}]', '[2,"b","Heartbeat",{}]', '[4,"zz","X","",{}]'] as const).map(
        (text): [Side, string] => ['charger', text],
      ),
      ...(
        [
          '[3,"a",{}]',
          '[3,"a",{}]',
          '[2,"a","Reset",{"type":"Hard"}]',
          '[3,"none",{}]',
          '[9,"a"]',
          '',
        ] as const
      ).map((text): [Side, string] => ['csms', text]),
      ['charger', '[2,"c","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'],
      ['charger', '[3,"a",{"status":"Accepted"}]'],
      ['csms', '[2,"d","ChangeConfiguration",{"key":"AuthorizationKey","value":"x"}]'],
      ['charger', Buffer.from([0x5b, 0xff])],
      ['charger', '[2,"e","DataTransfer",{"vendorId":"Ä"}]'],
    ];
    for (const [sender, text] of texts) {
      for (const changes of [
        {},
        { opcode: Opcode.ping },
        { flags: FrameFlag.oversize },
        { opcode: Opcode.binary },
      ]) {
        const base = wire(text, sender, changes);
        const { frame, facts } = thorough.message(base);
        expect(quick.row(base)).toMatchObject({ frame, facts });
      }
    }
  });
});
