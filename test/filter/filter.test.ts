import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completionsOf } from '../../src/filter/completion.ts';
import { parseFilter } from '../../src/filter/filter.ts';
import { matches, type Subject } from '../../src/filter/match.ts';
import { FINDINGS, MESSAGES } from '../../src/filter/vocabulary.ts';

const START_US = Date.parse('2026-11-22T07:00:00Z') * 1000;

/** A StatusNotification of CP-17 that tells `Faulted`, 90 s after the start. */
const FAULT: Subject = {
  texts: (field) =>
    ({
      charger: ['CP-17', '/ocpp/CP-17'],
      action: ['StatusNotification'],
      direction: ['charger'],
      kind: ['call'],
      severity: ['medium'],
      status: ['Faulted'],
    })[field] ?? [],
  number: (field) => (field === 'time' ? START_US + 90e6 : 1500),
  has: (text) =>
    '[2,"1","statusnotification",{"status":"faulted","info":"door open"}] /ocpp/cp-17'.includes(text),
};

function passes(text: string): boolean {
  const parsed = parseFilter(text, MESSAGES);
  if (!parsed.ok) throw new Error(`${parsed.at}: ${parsed.message}`);
  return matches(parsed.filter, FAULT, { startUs: START_US });
}

describe('a filter', () => {
  test.each([
    ['', true],
    ['charger:CP-17', true],
    ['charger:cp-1*', true],
    ['charger:/ocpp/*', true],
    ['cp:CP-18', false],
    ['charger!=CP-18', true],
    ['action:Boot*,Status*', true],
    ['action!=Boot*,Status*', false],
    ['direction:csms', false],
    ['from:charger', true],
    ['kind:call', true],
    ['severity>=medium', true],
    ['severity>medium', false],
    ['severity<high', true],
    ['status:Faulted', true],
    ['status:"Faulted"', true],
    ['time>=+90', true],
    ['time<+90', false],
    ['time>2026-11-22T07:01:00Z and time<2026-11-22T07:02:00Z', true],
    ['latency>1ms', true],
    ['latency>2', false],
    ['latency<=1500us', true],
    ['fault', true],
    ['"door open"', true],
    ['door and not closed', true],
    ['not (door or charger:CP-17)', false],
    ['text:door', true],
    ['text!=door', false],
    ['charger:CP-18 or action:Status* and status:Faulted', true],
    ['(charger:CP-18 or action:Status*) and status:Available', false],
    ['charger:CP-18 door', false],
    ['AND:x or door', true],
  ])('%s', (text, expected) => {
    if (text === 'AND:x or door') expect(() => passes(text)).toThrow(/^0: something is missing before "AND"/);
    else expect(passes(text)).toBe(expected);
  });

  test('a time of day is meant where this machine stands', () => {
    const at = new Date((START_US + 90e6) / 1000);
    const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
    expect(passes(`time>=${clock}`)).toBe(true);
    expect(passes(`time<${clock}`)).toBe(false);
  });
});

describe('a mistake is told with its place', () => {
  test.each([
    ['colour:red', 0, 'there is no field "colour"; fields are charger, action'],
    ['charger:CP-1 and kind:cal', 22, 'kind is one of call, result, error'],
    ['action:', 7, 'action has no value here'],
    ['action:a,,b', 9, 'action has no value here'],
    ['action:a and', 12, 'something is missing here'],
    ['or action:a', 0, 'something is missing before "or"'],
    ['(action:a', 0, 'there is no ")" for this "("'],
    ['action:a)', 8, 'there is no "(" for this ")"'],
    ['()', 1, 'there is nothing in these parentheses'],
    ['"open', 0, 'this string has no closing quote'],
    ['charger>5', 7, 'charger has no order: use ":" or "!="'],
    ['time>soon', 5, '"soon" is no time such as'],
    ['latency>fast', 8, '"fast" is no length of time'],
    [':x', 0, 'there is no field before ":"'],
    ['('.repeat(20_000), 1_000, 'a filter has at most 1000 words and signs'],
    ['not '.repeat(20_000), 4_000, 'a filter has at most 1000 words and signs'],
  ])('%.20s', (text, at, message) => {
    const parsed = parseFilter(text, MESSAGES);
    expect(parsed).toMatchObject({ ok: false, at });
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });

  test('whatever is typed, reading it ends in a filter or a place within the text', () => {
    const piece = fc.constantFrom(
      'charger:',
      'time>',
      '(',
      ')',
      ' and ',
      ' or ',
      'not ',
      '"',
      '\\',
      'x',
      '12:30',
      '*',
      ',',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const parsed = parseFilter(text, MESSAGES);
        if (!parsed.ok) {
          expect(parsed.at).toBeGreaterThanOrEqual(0);
          expect(parsed.at).toBeLessThanOrEqual(text.length);
          expect(parsed.message).not.toBe('');
        } else matches(parsed.filter, FAULT, { startUs: START_US });
      }),
    );
  });
});

describe('completion', () => {
  const known = { action: ['BootNotification', 'Heartbeat'], charger: ['CP 1'] };

  test.each([
    ['', ['charger:', 'action:'], 0],
    ['ch', ['charger:'], 0],
    ['(se', ['severity:'], 1],
    ['action:b', ['BootNotification'], 7],
    ['action:Boot*,h', ['Heartbeat'], 13],
    ['charger:', ['"CP 1"'], 8],
    ['kind:res', ['result'], 5],
    ['kind:call an', ['and'], 10],
  ])('of %s', (text, options, from) => {
    const completion = completionsOf(text, text.length, MESSAGES, known);
    expect(completion.options.slice(0, options.length)).toEqual(options);
    expect(completion.from).toBe(from);
  });

  test('findings have fields of their own', () => {
    expect(completionsOf('pa', 2, FINDINGS, {}).options).toEqual(['path:']);
    expect(parseFilter('path:/idTagInfo/* status:new', FINDINGS).ok).toBe(true);
    expect(parseFilter('latency>5', FINDINGS)).toMatchObject({ ok: false, at: 0 });
  });
});
