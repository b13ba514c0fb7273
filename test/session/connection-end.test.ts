import { describe, expect, it } from 'vitest';
import { closeColumns, Verdict } from '../../src/session/connection-end.ts';

describe('a close frame', () => {
  it('has its code and reason', () => {
    expect(closeColumns(Buffer.from('\x03\xf0bad', 'latin1'))).toEqual({
      closeCode: 1008,
      closeReason: 'bad',
    });
  });
  it('has its reason without secrets', () => {
    const payload = Buffer.from('\x03\xf0bad password=canary', 'latin1');
    expect(closeColumns(payload).closeReason).toBe('bad password=[redacted]');
  });

  it('without a body counts as 1005', () => {
    expect(closeColumns(Buffer.alloc(0))).toEqual({ closeCode: 1005, closeReason: '' });
  });
});

describe('who ended a connection', () => {
  const nothing = { endedBy: null, ending: null, closeCode: null, closeReason: null };

  it('is not known before anything ended it', () => expect(new Verdict().columns()).toEqual(nothing));

  it('is the sender of the first close frame, whoever sends the first FIN', () => {
    const verdict = new Verdict();
    verdict.ended('csms', 'fin');
    verdict.closeFrame('charger', Buffer.from('\x03\xe8', 'latin1'));
    verdict.closeFrame('csms', Buffer.alloc(0));
    expect(verdict.columns()).toEqual({
      endedBy: 'charger',
      ending: 'close',
      closeCode: 1000,
      closeReason: '',
    });
  });

  it('is the side of the first FIN or reset when there is no close frame', () => {
    const verdict = new Verdict();
    verdict.ended('csms', 'reset');
    verdict.ended('charger', 'fin');
    expect(verdict.columns()).toEqual({ ...nothing, endedBy: 'csms', ending: 'reset' });
  });

  it('is Chargetape when nobody else had begun', () => {
    const [ours, theirs] = [new Verdict(), new Verdict()];
    ours.ours('stopped');
    ours.ended('charger', 'fin');
    theirs.ended('charger', 'fin');
    theirs.ours('stopped');
    expect(ours.columns()).toMatchObject({ endedBy: 'chargetape', ending: 'stopped' });
    expect(theirs.columns()).toMatchObject({ endedBy: 'charger', ending: 'fin' });
  });
});
