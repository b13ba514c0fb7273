import { expect, it } from 'vitest';
import { readLane } from '../../src/diff/lane.ts';
import { stimuliOf } from '../../src/diff/stimuli.ts';
import { protocolFor } from '../../src/ocpp/protocols.ts';
import { scripted } from '../support/session-script.ts';

/** What each command of a script may be a reaction to, as actions. */
async function causes(script: string): Promise<[command: string, causes: string[]][]> {
  const reader = scripted(`session A\nconnect\n${script}`);
  const lane = await readLane(reader.recording, reader.contents.sessions[0]!, reader.events(1));
  const stimuli = stimuliOf(lane, protocolFor(null));
  return [...stimuli].map(([command, calls]) => [command.action, calls.map(({ action }) => action)]);
}

it('takes calls that stimulate, answered within 5 s before, and nothing for a command of an operator', async () => {
  const script = `
    > BootNotification {}
    < {}
    > Heartbeat {}
    < {}
    < ClearCache {}
    < TriggerMessage {"requestedMessage":"Heartbeat"}
    +5000
    < GetLocalListVersion {}`;
  expect(await causes(script)).toEqual([
    ['ClearCache', ['BootNotification']],
    ['TriggerMessage', []],
    ['GetLocalListVersion', []],
  ]);
});

it('does not take a call that is answered after the command', async () => {
  expect(await causes('> BootNotification {}\n< ClearCache {}\n< &BootNotification {}')).toEqual([
    ['ClearCache', []],
  ]);
});

it('rules out what does not stand before every command of its kind', async () => {
  const script = `
    > BootNotification {}
    < {}
    > StatusNotification {"connectorId":1,"status":"Available"}
    < {}
    < ClearCache {}
    +6000
    > StatusNotification {"connectorId":1,"status":"Available"}
    < {}
    < ClearCache {}`;
  expect(await causes(script)).toEqual([
    ['ClearCache', ['StatusNotification']],
    ['ClearCache', ['StatusNotification']],
  ]);
});
