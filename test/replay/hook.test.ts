import { describe, expect, it } from 'vitest';
import type { HookContext } from '../../src/replay/hook.ts';
import { answering, FakeRun } from '../support/fake-run.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const SCRIPT = `
  0 open
  1 > StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,${AT}}
  2 < {"transactionId":7}
  3 > DataTransfer {"vendorId":"EVB","data":"1;7;2026"}
  4 < {"status":"Accepted"}
  5 << Reset {"type":"Soft"}
  6 >> {"status":"Rejected"}
  7 > Heartbeat {}
  8 < {}`;
const respond = answering({ StartTransaction: { transactionId: 900 } });

describe('a hook', () => {
  it('rewrites what is sent, with the live ids at hand, and only that', () => {
    const run = new FakeRun(SCRIPT, {
      speed: 'max',
      respond,
      hook: (message, { action, liveId }) =>
        action === 'DataTransfer' ? message.replace(';7;', `;${liveId('transactionId', 7)};`) : undefined,
    }).play();
    expect(run.sent[1]?.payload.data).toBe('1;900;2026');
    expect(run.sent[0]?.text).toContain('"idTag":"A"');
    expect(run.outcome).toMatchObject({ complete: true, notSent: 0 });
  });

  it('is told of calls and of answers to commands, with what was recorded', () => {
    const told: HookContext[] = [];
    const run = new FakeRun(SCRIPT, {
      speed: 'max',
      respond,
      hook: (_, context) => {
        told.push(context);
        return undefined;
      },
    });
    run.csms('[2,"c","Reset",{"type":"Soft"}]', 100, 1);
    run.csms('[2,"d","Teleport",{}]', 100, 1);
    run.play();
    const facts = told.map(({ kind, action, identity, recorded }) => [
      kind,
      action,
      identity,
      recorded !== null,
    ]);
    expect(facts).toContainEqual(['call', 'StartTransaction', 'CP1', true]);
    expect(facts).toContainEqual(['answer', 'Reset', 'CP1', true]);
    expect(facts).toContainEqual(['answer', 'Teleport', 'CP1', false]);
    expect(told[0]?.liveId('transactionId', 8)).toBeNull();
  });

  it('may give a call another message id: its answer is still known', () => {
    const run = new FakeRun(SCRIPT, {
      speed: 'max',
      respond,
      hook: (message) => message.replace(/^\[2,"[^"]*"/, (head) => `${head.slice(0, -1)}-again"`),
    }).play();
    expect(run.sent.every(({ id }) => id.endsWith('-again'))).toBe(true);
    expect(run.actions).toEqual(['StartTransaction', 'DataTransfer', 'Heartbeat']);
    expect(run.outcome).toMatchObject({ complete: true });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no such vendor');
      },
      /^The hook failed at DataTransfer: no such vendor\.$/,
    ],
    ['gives a promise', async () => '', /gave a promise instead of a text/],
    ['gives null', () => null, /gave a null instead of a text/],
  ])('that %s ends the session as incomplete, and says why', (_, act, reason) => {
    const run = new FakeRun(SCRIPT, {
      speed: 'max',
      respond,
      hook: (_text, { action }) => (action === 'DataTransfer' ? (act() as string) : undefined),
    }).play();
    expect(run.actions).toEqual(['StartTransaction']);
    expect(run.outcome).toMatchObject({ complete: false, notSent: 2, reason: expect.stringMatching(reason) });
  });
});
