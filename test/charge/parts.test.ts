import { describe, expect, it } from 'vitest';
import { COMPACT, writeMessage } from '../../src/charge/json-style.ts';
import { redialModels } from '../../src/charge/makes.ts';
import { fillPattern } from '../../src/charge/pattern.ts';
import { parseProfile, profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { fillTemplate } from '../../src/charge/template.ts';
import { writeTime } from '../../src/charge/time-style.ts';
import { Chance } from '../../src/load/chance.ts';
import { parseMishap } from '../../src/load/mishap.ts';
import { blowsOf } from '../../src/load/scenario.ts';
import { judge, parseThreshold } from '../../src/load/threshold.ts';
import { Traffic } from '../../src/load/traffic.ts';

const ground = () => ({
  chance: new Chance(1),
  nowMs: Date.parse('2023-09-02T12:31:40Z'),
  counter: 352,
  number: 7,
});

describe('patterns', () => {
  it('count, draw and pad', () => {
    expect(fillPattern('CP{n:4}', ground())).toBe('CP0007');
    expect(fillPattern('36:{counter}', ground())).toBe('36:352');
    expect(fillPattern('{digits:7}', ground())).toMatch(/^\d{7}$/);
    expect(fillPattern('{uuid}', ground())).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
  });

  it('tell the seconds since 2000 as EVBox does', () => {
    expect(fillPattern('{y2k}-df12', ground())).toBe('2c85e7ac-df12');
  });
});

describe('templates', () => {
  it('keep order and types, leave out what is not given, and fill texts', () => {
    const template = {
      b: '$b',
      a: { n: '$n', none: '$none' },
      text: ['$', '{pilot};400'].join(''),
      list: ['$n', '$none'],
    };
    expect(JSON.stringify(fillTemplate(template, { b: true, n: 1, pilot: 'C' }))).toBe(
      '{"b":true,"a":{"n":1},"text":"C;400","list":[1]}',
    );
  });
});

describe('styles', () => {
  it('put white space where the firmware does', () => {
    const message = [2, '1', 'Heartbeat', {}];
    expect(writeMessage(message, COMPACT)).toBe('[2,"1","Heartbeat",{}]');
    expect(writeMessage(message, { ...COMPACT, empty: '{ }' })).toBe('[2,"1","Heartbeat",{ }]');
    expect(
      writeMessage([3, '1', { a: [1] }], { ...COMPACT, element: ', ', payload: ' ,', colon: ': ' }),
    ).toBe('[3, "1" ,{"a": [1]}]');
  });

  it('write times with the digits and the zone of the firmware', () => {
    const ms = Date.parse('2026-03-02T07:00:00.125Z');
    expect(writeTime(ms, { fraction: 0, zone: 'Z' })).toBe('2026-03-02T07:00:00Z');
    expect(writeTime(ms, { fraction: 6, zone: '' })).toBe('2026-03-02T07:00:00.125000');
    expect(writeTime(ms, { fraction: 3, zone: '+00:00' })).toBe('2026-03-02T07:00:00.125+00:00');
  });
});

describe('profiles', () => {
  it('are known by name, and refused with the field that is wrong', () => {
    expect(profileNames()).toContain('abb-terra-ac');
    expect(() => readProfile('no-such-make')).toThrow(expect.objectContaining({ code: 'NO_SUCH_PROFILE' }));
    expect(() => parseProfile('title: x\nidentity: "{nope}"', 'x.yaml')).toThrow(
      expect.objectContaining({ code: 'BAD_PROFILE' }),
    );
    expect(() => parseProfile('[', 'x.yaml')).toThrow(expect.objectContaining({ code: 'BAD_PROFILE' }));
  });
});

describe('faults and thresholds', () => {
  it('are read as they are written, or not at all', () => {
    expect(parseMishap('offline:10m@0.5')).toEqual({ kind: 'offline', probability: 0.5, forMs: 600_000 });
    expect(parseMishap('drop-in-call')).toMatchObject({ kind: 'drop-in-call', probability: 0.01 });
    expect(parseMishap('explode')).toBeNull();
    expect(parseThreshold('StartTransaction.p99<500ms')).toMatchObject({ measure: 'p99', below: 500 });
    expect(parseThreshold('*.errors<1%')).toMatchObject({ action: '*', below: 0.01 });
    expect(parseThreshold('*.p99<1%')).toBeNull();
  });

  it('are judged by what was measured; what never came is not kept', () => {
    const traffic = new Traffic();
    for (let ms = 1; ms <= 100; ms++)
      traffic.answered({ action: 'Heartbeat', afterMs: ms, lateMs: 0, isError: ms === 100 });
    const judged = (text: string) => judge([parseThreshold(text)!], traffic)[0];
    expect(judged('Heartbeat.p50<60ms')).toMatchObject({ kept: true });
    expect(judged('Heartbeat.p99<60ms')).toMatchObject({ kept: false });
    expect(judged('*.errors<2%')).toMatchObject({ kept: true, measured: 0.01 });
    expect(judged('Authorize.p50<60ms')).toMatchObject({ kept: false, measured: null });
  });
});

describe('scenarios', () => {
  const fleet = () => ({ count: 10, durationMs: 90_000, chance: new Chance(5) });

  it('befall every charger, the same way for the same seed', () => {
    expect(blowsOf('steady', fleet())).toEqual([]);
    expect(blowsOf('reconnect-storm', fleet()).map(({ afterMs, kind }) => [afterMs, kind])).toEqual(
      Array.from({ length: 10 }, () => [30_000, 'drop']),
    );
    expect(blowsOf('blackout', fleet())).toEqual(blowsOf('blackout', fleet()));
    const restarts = blowsOf('rolling-restart', fleet()).map(({ afterMs }) => afterMs);
    expect(restarts).toEqual([...restarts].sort((a, b) => a - b));
    expect(new Set(restarts).size).toBe(10);
  });
});

describe('recorded chargers', () => {
  const redialOf = redialModels();

  it('come back as the profile of their model does, else of their vendor, else as most do', () => {
    const { redial } = readProfile('abb-terra-dc');
    expect(redialOf({ vendor: 'ABB', model: 'MD_TERRA_53' })).toEqual(redial);
    expect(redialOf({ vendor: ' abb ', model: 'unheard of' })).toEqual(readProfile('abb-terra-ac').redial);
    expect(redialOf({ vendor: null, model: 'MD_TERRA_53' })).toEqual(
      redialOf({ vendor: 'Acme', model: 'X' }),
    );
  });
});
