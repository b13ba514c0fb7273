import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BINARY } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';
import { Walk } from './walk.ts';
import { dayOf, quietChargers, writeWorld } from './worlds.ts';

const SIZE = { columns: 120, rows: 24 };
const HIGH = { columns: 120, rows: 40 };

let terminal: Terminal;
afterEach(() => terminal.close());

/** Starts the real binary in a folder of its own that holds `base.db` and `next.db`. */
async function start(...args: string[]): Promise<string> {
  const folder = temporaryFolder();
  await writeWorld(join(folder, 'base.db'), { scripts: [dayOf('CP1', 1, false), ...quietChargers(40, 2)] });
  await writeWorld(join(folder, 'next.db'), { scripts: [dayOf('CP1', 1, true), ...quietChargers(40, 2)] });
  terminal = new Terminal(BINARY, args, SIZE, { TZ: 'UTC' }, folder);
  return folder;
}

/** What was put into the clipboard last (OSC 52). */
function copied(): string {
  const [, text = ''] =
    terminal.raw
      .split('\u001b]52;c;')
      .at(-1)
      ?.match(/^([\w+/=]*)/) ?? [];
  return Buffer.from(text, 'base64').toString();
}

test('every key of the findings, a finding, a ladder, a message and the chargers does what the table says', async () => {
  const folder = await start('ui', 'base.db', 'next.db');
  const rules = () =>
    existsSync(join(folder, 'chargetape.rules.yaml'))
      ? readFileSync(join(folder, 'chargetape.rules.yaml'), 'utf8')
      : '';
  const walk = new Walk(terminal, 'findings');
  await walk.sees(/different .*32 findings/);

  // findings
  await walk.moves();
  await walk.key('n', /\s2\/32$/);
  await walk.key('N', /\s1\/32$/);
  await walk.key('n', /\s2\/32$/);
  await walk.key('p', /\s1\/32$/);
  await walk.key('G', /\s32\/32$/);
  await walk.key('d', /▸.*BootNotification +\/interval/);
  await walk.key('?', /Keys in the findings/);
  await walk.type('?', /\d\/32$/);
  await walk.key(':', /do:/);
  await walk.type('report', /▸ o +write the HTML report/);
  await walk.type('\r', /wrote next\.html/);
  await walk.key('ctrl-p', /do:/);
  await walk.type('\u001b', /(a accept|y copy) .*q quit/);
  await walk.key('i', /Compared/);
  await walk.type('\u001b', /(a accept|y copy) .*q quit/);
  await walk.key('/', / filter:/);
  await walk.type('action:Vendor0*', /filter: action:Vendor0\*/);
  await walk.type('\r', /filter: action:Vendor0\* {2}9 of 32[\s\S]*\/9$/);
  await walk.key('y', /copied the finding/);
  expect(copied()).toMatch(/^[0-9a-f]{12} .*Vendor0/);
  await walk.key('Y', /copied a command/);
  expect(copied()).toBe('chargetape diff base.db next.db --plain');
  await walk.key('e', /wrote findings\.json/);
  expect(JSON.parse(readFileSync(join(folder, 'findings.json'), 'utf8')).findings).toHaveLength(9);
  await walk.key('s', /»/);
  await walk.key('u', /undone: the skipping/);
  await walk.key('a', /Accept: [\s\S]*silences 1 finding/);
  await walk.type('\r', /a reason is needed/);
  await walk.type('release 5 sends b', /why: release 5 sends b/);
  await walk.type('\r', /accepted 1 finding in chargetape\.rules\.yaml/);
  expect(rules()).toContain('reason: release 5 sends b');
  await walk.key('r', /rejected: [0-9a-f]{12} stays/);
  expect(rules()).not.toContain('finding:');
  await walk.key('u', /undone: the rejection/);
  expect(rules()).toContain('reason: release 5 sends b');
  await walk.key('A', /all 8 findings[\s\S]*silences 8 findings/);
  await walk.type('all of them', /why: all of them/);
  await walk.type('\r', /accepted 8 findings/);
  await walk.key('A', /! nothing that is shown is left to accept/);
  await walk.key('u', /undone: the acceptance of 8 findings/);
  await walk.key('escape', /\d\/32$/);
  await walk.key('backspace', /! this is the first screen: q quits/);
  await walk.key('o', /wrote next-2\.html/);
  expect(readFileSync(join(folder, 'next-2.html'), 'utf8')).toContain('<html');
  await walk.key('3', /! this is no replay/);
  await walk.key('2', /! select a charger first/);
  await walk.key('4', /! this is it already/);
  await walk.key('1', /worst first/, 'live');

  // live
  await walk.moves();
  await walk.key('s', /by name/);
  await walk.key('s', /newest first/);
  await walk.key('s', /busiest first/);
  await walk.key('s', /worst first/);
  await walk.key('f', /! the recording has ended/);
  await walk.key('y', /copied the name/);
  expect(copied()).toBe('/ocpp/CP1');
  await walk.key('Y', /copied a command/);
  expect(copied()).toBe('chargetape show base.db /ocpp/CP1');
  await walk.key('e', /cut into base-cut\.db: 1 session/);
  expect(existsSync(join(folder, 'base-cut.db'))).toBe(true);
  await walk.key('right', /ocpp/);
  await walk.key('l', /ocpp/);
  await walk.key('left', /ocpp/);
  await walk.key('h', /worst first/);
  await walk.key('/', / filter:/);
  await walk.type('kind:malf', /Tab: malformed/);
  await walk.type('\t', /filter: kind:malformed/);
  await walk.type('\r', /filter: kind:malformed[\s\S]*\s1\/1$/);
  await walk.key('backspace', /\/41$/);
  await walk.pages(/Keys in the list of chargers/);
  await walk.key('3', /! this is no replay/);
  await walk.key('1', /! this is it already/);
  await walk.key('4', /different/, 'findings');
  await walk.key('1', /worst first/, 'live');
  await walk.key('escape', /different/, 'findings');
  await walk.key('1', /worst first/, 'live');
  await walk.key('2', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('1', /worst first/, 'live');
  await walk.key('return', /\/ocpp\/CP1 +base\.db/, 'session');

  // session
  terminal.resize(HIGH);
  await walk.sees(/── *handshake/);
  await walk.moves();
  await walk.key('n', /▸≠ .*BootNotification Accepted interval=20/);
  await walk.key('N', /! no finding before this row/);
  await walk.key('p', /! no finding before this row/);
  await walk.key('G', /▸.*closed by charger: close/);
  await walk.key('d', /▸≠ .*BootNotification Accepted interval=20/);
  await walk.key('v', /"interval":20}\]/);
  await walk.key('v', /"interval": 20$/m);
  await walk.key('tab', /"interval": 20$/m);
  await walk.key('tab', /"interval": 20$/m);
  await walk.key('y', /copied the message/);
  expect(copied()).toContain('"interval":20');
  await walk.key('Y', /copied a command/);
  expect(copied()).toMatch(/^chargetape show base\.db \/ocpp\/CP1 --from 2026-01-01T00:00:00\.120Z --to /);
  await walk.key('e', /cut into base-cut-2\.db/);
  await walk.key('right', /CP1/);
  await walk.key('l', /CP1/);
  await walk.key('left', /CP1/);
  await walk.key('h', /BootNotification/);
  await walk.key('f', /! the recording has ended/);
  await walk.key('/', / filter:/);
  await walk.type('status:Faulted', /filter: status:Faulted/);
  await walk.type('\r', /▸.*Faulted[\s\S]*\s1\/1$/);
  await walk.key('escape', /\/\d\d$/);
  await walk.key('/', / filter:/);
  await walk.type('status:Nonesuch\r', /The filter matches nothing here/);
  await walk.key('backspace', /\/\d\d$/);
  await walk.pages(/Keys in the ladder/);
  await walk.key('2', /! this is it already/);
  await walk.key('3', /! this is no replay/);
  await walk.key('4', /different/, 'findings');
  await walk.key('1', /worst first/, 'live');
  await walk.key('return', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('1', /worst first/, 'live');
  await walk.key('return', /\/ocpp\/CP1 +base\.db/, 'session');
  terminal.resize(SIZE);
  await walk.sees(/\s1\/\d\d$/);

  // message
  await walk.key('return', /handshake/, 'message');
  await walk.key('right', /charger → CSMS {2}call {2}BootNotification/);
  await walk.key('left', /handshake/);
  await walk.key('l', /charger → CSMS {2}call {2}BootNotification/);
  await walk.key('h', /handshake/);
  await walk.key('n', /CSMS → charger {2}result {2}BootNotification/);
  await walk.key('n', /CSMS → charger {2}result {2}Authorize/);
  await walk.key('N', /CSMS → charger {2}result {2}BootNotification/);
  await walk.key('n', /CSMS → charger {2}result {2}Authorize/);
  await walk.key('p', /CSMS → charger {2}result {2}BootNotification/);
  await walk.key('v', /exact text/);
  await walk.key('v', /laid out/);
  await walk.key('y', /copied the message/);
  await walk.key('Y', /copied a command/);
  await walk.key('e', /wrote message-\d+\.txt/);
  await walk.key('n', /result {2}Authorize/);
  await walk.key('n', /result {2}Vendor01/);
  await walk.moves();
  await walk.pages(/Keys in a message/);
  await walk.key('3', /! this is no replay/);
  await walk.key('escape', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('return', /result {2}Vendor01/, 'message');
  await walk.key('backspace', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('return', /result {2}Vendor01/, 'message');
  await walk.key('1', /worst first/, 'live');
  await walk.key('return', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('return', /handshake/, 'message');
  await walk.key('2', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('return', /handshake/, 'message');
  await walk.key('4', /different/, 'findings');

  // finding
  await walk.key('/', / filter:/);
  await walk.type('action:Vendor01\r', /\s1\/1$/);
  await walk.key('return', /1 of 1[\s\S]*── - baseline/, 'finding');
  await walk.key('tab', /Vendor01 n=0 +│/);
  await walk.key('tab', /"item 0"/);
  await walk.moves();
  await walk.key('v', /exact text/);
  await walk.key('v', /laid out/);
  await walk.key('left', /! there is no other example/);
  await walk.key('right', /! there is no other example/);
  await walk.key('h', /! there is no other example/);
  await walk.key('l', /! there is no other example/);
  await walk.key('n', /! this is the last finding/);
  await walk.key('N', /! this is the first finding/);
  await walk.key('p', /! this is the first finding/);
  await walk.key('d', /1 of 1/);
  await walk.key('y', /copied both texts/);
  expect(copied()).toContain('"value":"b"');
  await walk.key('Y', /copied a command/);
  await walk.key('e', /wrote finding-[0-9a-f]{12}\.json/);
  await walk.key('o', /wrote next-3\.html/);
  await walk.key('i', /Compared/);
  await walk.type('\u001b', /(a accept|y copy) .*q quit/);
  await walk.key('r', /rejected/);
  await walk.key('u', /undone/);
  await walk.key('s', /this is the last finding/);
  await walk.key('a', /Accept: /);
  await walk.type('because\r', /accepted 1 finding/);
  await walk.pages(/Keys in a finding/);
  await walk.key('3', /! this is no replay/);
  await walk.key('2', /\/ocpp\/CP1 +base\.db/, 'session');
  await walk.key('escape', /1 of 1/, 'finding');
  await walk.key('return', /▸≠ .*Vendor01/, 'session');
  await walk.key('return', /result {2}Vendor01/, 'message');
  await walk.key('escape', /▸≠ .*Vendor01/, 'session');
  await walk.key('escape', /1 of 1/, 'finding');
  await walk.key('escape', /\s1\/1$/, 'findings');
  await walk.key('return', /1 of 1/, 'finding');
  await walk.key('backspace', /\s1\/1$/, 'findings');
  await walk.key('return', /1 of 1/, 'finding');
  await walk.key('4', /\s1\/1$/, 'findings');
  await walk.key('return', /1 of 1/, 'finding');
  await walk.key('1', /worst first/, 'live');

  expect(
    walk.missing(['findings', 'finding', 'session', 'message', 'live'], ['q', 'ctrl-c', 'ctrl-z']),
  ).toEqual([]);
  expect(terminal.isAlternate).toBe(true);
  terminal.press('q');
  expect(await terminal.exited).toEqual({ exitCode: 1, signal: 0 });
  expect(terminal.isAlternate).toBe(false);
});
