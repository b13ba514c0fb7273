import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { IdMap } from '../../src/diff/id-map.ts';
import { comparePayloads, type Ground } from '../../src/diff/payload.ts';
import { isObject, type Json, pointer, writeJson } from '../../src/ocpp/json.ts';
import type { Path } from '../../src/ocpp/protocol.ts';
import { protocolFor } from '../../src/ocpp/protocols.ts';
import { runOf, scripted } from '../support/session-script.ts';

const ground = (): Ground => ({
  protocol: protocolFor(null),
  action: 'DataTransfer',
  part: 'result',
  ids: new IdMap(),
  baselineAtUs: 0,
  candidateAtUs: 0,
});

const payload = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 5 }).filter((key) => key !== '__proto__'),
  fc.jsonValue({ maxDepth: 3, noUnicodeString: true }) as fc.Arbitrary<Json>,
);

/** The same value with the keys of every object in reverse. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  );
}

/** Paths of all scalars. */
function scalars(value: Json, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => scalars(item, [...path, index]));
  if (isObject(value)) return Object.keys(value).flatMap((key) => scalars(value[key]!, [...path, key]));
  return [path];
}

/** A copy with another scalar of another value at a path. */
function mutated(value: Json, [step, ...rest]: Path): Json {
  if (step === undefined) return value === 'changed' ? 'changed again' : 'changed';
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? mutated(item, rest) : item));
  return Object.fromEntries(
    Object.entries(value as { [key: string]: Json }).map(([key, one]) => [
      key,
      key === step ? mutated(one, rest) : one,
    ]),
  );
}

describe('comparing payloads', () => {
  it('finds nothing in equal ones, whatever the order of their keys', () => {
    fc.assert(
      fc.property(payload, (value) => {
        expect(comparePayloads(value, reversed(value), ground()).differences).toEqual([]);
      }),
    );
  });

  it('finds one mutated scalar, once, at its place', () => {
    fc.assert(
      fc.property(payload, fc.nat(), (value, nth) => {
        const places = scalars(value);
        fc.pre(places.length > 0);
        const path = places[nth % places.length]!;
        const { differences } = comparePayloads(value, mutated(value, path), ground());
        expect(differences.map((one) => pointer(one.path))).toEqual([pointer(path)]);
      }),
    );
  });

  it('finds as many places one way as the other', () => {
    fc.assert(
      fc.property(payload, payload, (a, b) => {
        const count = (left: Json, right: Json) => comparePayloads(left, right, ground()).differences.length;
        expect(count(a, b)).toBe(count(b, a));
      }),
    );
  });
});

const OCPP_LINE = fc.oneof(
  fc.constantFrom(
    '> Heartbeat {}\n< {}',
    '> Vendor {}\n< !NotSupported',
    '< raw ?',
    '> raw x',
    '+400',
    '+6000',
  ),
  fc.nat(3).map((id) => `> StatusNotification {"connectorId":${id},"status":"Available"}\n< {}`),
  fc
    .nat(3)
    .map((id) => `> StartTransaction {"connectorId":${id},"idTag":"A"}\n< {"transactionId":${id + 7}}`),
  fc.nat(9).map((value) => `< ChangeConfiguration {"key":"K${value % 2}","value":"${value}"}\n> {}`),
  payload.map((value) => `> DataTransfer {"vendorId":"v"}\n< ${writeJson(value)}`),
);
const SESSION = fc
  .array(OCPP_LINE, { maxLength: 12 })
  .map((lines) => ['connect', ...lines, 'charger fin'].join('\n'));

describe('comparing recordings', () => {
  it('finds nothing in a recording and itself, nor in a run that says the same', async () => {
    await fc.assert(
      fc.asyncProperty(SESSION, async (script) => {
        const recording = scripted(`session A\n${script}`);
        const run = runOf(recording, `session A\n${script}`);
        expect((await compareRecordings(recording, recording)).findings).toEqual([]);
        expect(await compareRecordings(recording, run)).toMatchObject({ findings: [], verdict: 'same' });
      }),
    );
  });

  it('finds the same whatever the order of the sessions', async () => {
    await fc.assert(
      fc.asyncProperty(SESSION, SESSION, SESSION, SESSION, async (a, b, c, d) => {
        const baseline = scripted(`session A\n${a}\nsession B\n${b}`);
        const forth = await compareRecordings(baseline, runOf(baseline, `session A\n${c}\nsession B\n${d}`));
        const back = await compareRecordings(baseline, runOf(baseline, `session B\n${d}\nsession A\n${c}`));
        const facts = (one: typeof forth) =>
          one.findings.map(({ examples, ...finding }) => [finding, examples.length]);
        expect(facts(back)).toEqual(facts(forth));
        expect(back.summary).toEqual(forth.summary);
      }),
    );
  });

  it('finds the same again, and what it finds one way it finds the other way round', async () => {
    const mirrored: Record<string, string> = {
      'field-added': 'field-removed',
      'field-removed': 'field-added',
      'result-to-error': 'error-to-result',
      'error-to-result': 'result-to-error',
    };
    const answers = fc
      .tuple(fc.constantFrom('{}', '{"a":1}', '{"a":"1"}', '{"a":2,"b":[1]}', '!NotSupported'), fc.boolean())
      .map(([answer, known]) => `> ${known ? 'Heartbeat' : 'Vendor'} {}\n< ${answer}`);
    const script = (lines: readonly string[]) => ['session A', 'connect', ...lines, 'charger fin'].join('\n');
    const calls = (lines: readonly string[]) => lines.map((line) => line.split('\n')[0]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(answers, answers), { maxLength: 8 }), async (pairs) => {
        const one = pairs.map(([line]) => line);
        const other = pairs.map(([line, answer]) => `${line.split('\n')[0]}\n${answer.split('\n')[1]}`);
        expect(calls(other)).toEqual(calls(one));
        const compare = (before: readonly string[], after: readonly string[]) => {
          const baseline = scripted(script(before));
          return compareRecordings(baseline, runOf(baseline, script(after)));
        };
        const forth = await compare(one, other);
        expect(await compare(one, other)).toEqual(forth);
        const places = (found: typeof forth, name: (kind: string) => string) =>
          found.findings
            .map(({ kind, action, path, count }) => [name(kind), action, path, count].join(' '))
            .sort();
        const back = await compare(other, one);
        expect(places(back, (kind) => mirrored[kind] ?? kind)).toEqual(places(forth, (kind) => kind));
      }),
    );
  });
});
