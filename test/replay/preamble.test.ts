import { expect, it } from 'vitest';
import { Preamble } from '../../src/replay/preamble.ts';
import type { SessionEvent } from '../../src/session/recording.ts';
import { FakeRun } from '../support/fake-run.ts';
import { scriptedSession } from '../support/scripted-session.ts';

/** The charger introduced itself again, long after it had told its connector's status. */
const BOOTED_AGAIN = `
  0 open
  30 > StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
  40 < {}
  50 > BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
  60 < {"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}
  500 > Heartbeat {}
  510 < {}
  600 end charger fin`;

/** All from the last call on, with what comes before it. */
function lastCallOf(events: SessionEvent[]): SessionEvent[] {
  const { session } = scriptedSession('0 open');
  const preamble = new Preamble('recorded', session);
  const [opened, ...rest] = events;
  const [before, played] = [rest.slice(0, 4), rest.slice(4)];
  for (const event of [opened!, ...before]) preamble.before(event);
  return [opened!, ...played].flatMap((event) => [...preamble.with(event)]);
}

it('tells a status only when the introduction before it is answered, whichever was recorded first', () => {
  const run = new FakeRun(BOOTED_AGAIN, {
    speed: 'max',
    events: lastCallOf,
    respond: ({ id, action }) => [
      {
        text: JSON.stringify([
          3,
          id,
          action === 'BootNotification' ? { status: 'Accepted', interval: 300 } : {},
        ]),
        ms: 50,
      },
    ],
  }).play();
  expect(run.sent.map(({ action, ms }) => [action, ms])).toEqual([
    ['BootNotification', 0],
    ['StatusNotification', 50],
    ['Heartbeat', 100],
  ]);
});
