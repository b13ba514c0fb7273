import { expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { runOf, scripted } from '../support/session-script.ts';

const boot = '> BootNotification {}\n< {"status":"Accepted"}\n';
const set = '< ChangeConfiguration {"key":"A","value":"1"}\n> {"status":"Accepted"}\n';
const meter = '> MeterValues {"connectorId":1}\n< {}\n';
const session = (...lines: string[]) => `session A\nconnect\n${lines.join('')}charger fin`;

async function findings(before: string, after: string): Promise<string[]> {
  const baseline = scripted(before);
  const { findings: all } = await compareRecordings(baseline, runOf(baseline, after));
  return all.map(({ kind, action, path }) => [kind, action, path].filter(Boolean).join(' '));
}

it('tells a reaction that comes when it is none any more as late', async () => {
  const late = session(boot, meter, '+6000\n', meter, set);
  expect(await findings(session(boot, set, meter, '+6000\n', meter), late)).toEqual([
    'command-late ChangeConfiguration',
  ]);
});

it('takes one that comes a little later, after other calls, as the same', async () => {
  expect(
    await findings(session(boot, set, meter, meter), session(boot, meter, '+900\n', meter, set)),
  ).toEqual([]);
});

it('takes one that had to wait for slow answers to other calls for as soon as it could be', async () => {
  const slow = '> MeterValues {"connectorId":1}\n+3000\n< {}\n';
  expect(await findings(session(boot, set, meter, meter), session(boot, slow, slow, set))).toEqual([]);
  expect(await findings(session(boot, set, meter), session(boot, slow, '+6000\n', set))).toEqual([
    'command-late ChangeConfiguration',
  ]);
});

it('tells a command that comes once more as repeated, another value as unexpected', async () => {
  const other = set.replace('"1"', '"2"');
  expect(await findings(session(boot, set), session(boot, set, set))).toEqual([
    'command-repeated ChangeConfiguration',
  ]);
  expect(await findings(session(boot, set), session(boot, set, other))).toEqual([
    'command-unexpected ChangeConfiguration',
  ]);
});

it('takes a command that is sent twice, ids that it issues included, for repeated, not for the next one of its kind', async () => {
  const list = (version: number) =>
    `< SendLocalList {"listVersion":${version},"updateType":"Full"}\n> {"status":"Accepted"}\n`;
  const before = session(boot, list(1), list(2));
  expect(await findings(before, session(boot, list(1), list(2), list(2)))).toEqual([
    'command-repeated SendLocalList',
  ]);
  expect(await findings(before, session(boot, list(1), list(1), list(2), list(2)))).toEqual([
    'command-repeated SendLocalList',
  ]);
});

it('tells one that comes before its cause is answered as early', async () => {
  const early =
    '> BootNotification {}\n< ChangeConfiguration {"key":"A","value":"1"}\n< &BootNotification {"status":"Accepted"}\n> {}\n';
  expect(await findings(session(boot, set), session(early))).toEqual(['command-early ChangeConfiguration']);
});

it('tells how an array in a command differs: its order, its length, an item', async () => {
  const get = (...keys: string[]) => `< GetConfiguration {"key":${JSON.stringify(keys)}}\n> {}\n`;
  const before = session(boot, get('A', 'B', 'C'));
  expect(await findings(before, session(boot, get('C', 'A', 'B')))).toEqual([
    'array-order GetConfiguration /key',
  ]);
  expect(await findings(before, session(boot, get('A', 'B', 'C', 'D', 'E')))).toEqual([
    'array-length GetConfiguration /key',
  ]);
  expect(await findings(before, session(boot, get('B', 'C')))).toEqual([
    'array-length GetConfiguration /key',
  ]);
  expect(await findings(before, session(boot, get('A', 'X', 'C')))).toEqual([
    'command-changed GetConfiguration /key/1',
  ]);
});

it('takes the entries of a local list as a set', async () => {
  const entries = ['A', 'B', 'C'].map((idTag) => ({ idTag }));
  const send = (list: unknown) =>
    `< SendLocalList {"listVersion":1,"updateType":"Full","localAuthorizationList":${JSON.stringify(list)}}\n> {}\n`;
  const before = session(boot, send(entries));
  expect(await findings(before, session(boot, send(entries.toReversed())))).toEqual([]);
  expect(await findings(before, session(boot, send(entries.slice(1))))).toEqual([
    'array-length SendLocalList /localAuthorizationList',
  ]);
});
