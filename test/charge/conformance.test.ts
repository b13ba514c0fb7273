import { describe, expect, it } from 'vitest';
import { Conformance } from '../../src/charge/conformance.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { type Frame, FrameFlag } from '../../src/session/frame.ts';

function frame(messageType: Frame['messageType'], text: string, more: Partial<Frame> = {}): Frame {
  const payload = Buffer.from(text, 'utf8');
  return { messageType, payload, action: null, answers: null, flags: 0, ...more } as Frame;
}

describe('conformance of a CSMS', () => {
  it('counts what is no message, answers nothing, or was not answered', () => {
    const conformance = new Conformance(ocpp16);
    conformance.take(frame('malformed', '{'));
    conformance.take(frame('callResult', '[3,"never",{}]'));
    const again = { action: 'Heartbeat', answers: 1, flags: FrameFlag.duplicateAnswer };
    conformance.take(frame('callResult', '[3,"1",{}]', again));
    conformance.unanswered('StartTransaction');
    expect(conformance.report()).toEqual({
      malformed: 1,
      unasked: 2,
      unanswered: { StartTransaction: 1 },
      invalid: {},
    });
  });

  it('counts what breaks the schemas, by action and place', () => {
    const conformance = new Conformance(ocpp16);
    const answer = (action: string, result: object) =>
      conformance.take(frame('callResult', JSON.stringify([3, '1', result]), { action, answers: 1 }));
    const command = (action: string, payload: object) =>
      conformance.take(frame('call', JSON.stringify([2, '1', action, payload]), { action }));
    answer('Heartbeat', { currentTime: '2026-03-02T07:00:00.000Z' });
    answer('Heartbeat', { currentTime: '2026-03-02T07:00:00' });
    answer('BootNotification', { status: 'accepted', currentTime: '2026-03-02T07:00:00Z' });
    answer('StartTransaction', { transactionId: 9223372036854775807n.toString(), idTagInfo: {} });
    command('SendLocalList', {
      listVersion: 1,
      updateType: 'Full',
      localAuthorizationList: [{ idTag: 'A' }, { idTag: 'x'.repeat(21) }, { idTag: 'y'.repeat(21) }],
    });
    command('Reset', { type: 'Soft' });
    command('Reboot', {});
    expect(conformance.report().invalid).toEqual({
      'BootNotification result /interval': 1,
      'BootNotification result /status': 1,
      'Heartbeat result /currentTime': 1,
      'Reboot call': 1,
      'SendLocalList call /localAuthorizationList/*/idTag': 1,
      'StartTransaction result /idTagInfo/status': 1,
      'StartTransaction result /transactionId': 1,
    });
  });
});
