import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { sortFindings } from '../../src/report/excuse.ts';
import { runOf, scripted } from '../support/session-script.ts';

const session = (...lines: string[]) => `session A\nconnect\n${lines.join('\n')}\ncharger fin`;

/** Top-level findings as `kind action variety path`, what follows from one in brackets. */
async function findings(before: string, after: string): Promise<string[]> {
  const baseline = scripted(before);
  const { deciding } = sortFindings((await compareRecordings(baseline, runOf(baseline, after))).findings);
  return deciding.map(({ finding: { kind, action, variety, path }, consequences }) =>
    [kind, action, variety, path, ...consequences.map((one) => `(${one.kind} ${one.path})`)]
      .filter(Boolean)
      .join(' '),
  );
}

/** An answer to DataTransfer whose data is a JSON text. */
const data = (text: string) => session('> DataTransfer {"vendorId":"v"}', `< {"data":${text}}`);

describe('a value that is written otherwise', () => {
  it.each([
    ['1', '1.0'],
    ['1', '1e0'],
    ['100', '1E+2'],
    ['"a/b"', '"a\\/b"'],
    ['"é"', '"\\u00e9"'],
    ['{"a":1,"b":2}', '{ "b" : 2, "a" : 1 }'],
    ['0', '-0'],
  ])('%s as %s is none', async (before, after) => {
    expect(await findings(data(before), data(after))).toEqual([]);
  });

  it.each([
    ['""', '" "', 'field-changed'],
    ['"\\u00e9"', '"e\\u0301"', 'field-changed'],
    ['1', '1.5', 'field-changed'],
    ['9007199254740993', '9007199254740992', 'field-changed'],
    ['1', '2147483648', 'beyond-int32'],
    ['-1', '-2147483649', 'beyond-int32'],
    ['1', '"1"', 'type-changed'],
    ['true', '"true"', 'type-changed'],
    ['{}', '[]', 'type-changed'],
    ['null', '0', 'type-changed'],
    ['[1,2,3]', '[3,1,2]', 'array-order'],
    ['[1,2,3]', '[1,3]', 'array-length'],
    ['[1,2,3]', '[0,1,2,3]', 'array-length'],
    ['[]', '[1]', 'array-length'],
    ['["a"]', '["b"]', 'field-changed'],
  ])('%s as %s is one %s', async (before, after, kind) => {
    const [found, ...others] = await findings(data(before), data(after));
    expect(found).toMatch(new RegExp(`^${kind} DataTransfer /data(/0)?$`));
    expect(others).toEqual([]);
  });

  it('is one finding where a null, an empty text or nothing changes places', async () => {
    const nothing = session('> DataTransfer {"vendorId":"v"}', '< {}');
    expect(await findings(data('""'), nothing)).toEqual(['field-removed DataTransfer /data']);
    expect(await findings(nothing, data('null'))).toEqual(['field-added DataTransfer /data']);
    expect(await findings(data('[[1,2],[3]]'), data('[[2,1],[3]]'))).toEqual([
      'array-order DataTransfer /data/0',
    ]);
  });

  it('is one finding where an object names a key twice, whichever of the values counts', async () => {
    expect(await findings(data('{"a":1}'), data('{"a":2,"a":1}'))).toEqual([
      'duplicate-key DataTransfer /data/a',
    ]);
    expect(await findings(data('{"a":2,"a":1}'), data('{"a":2,"a":1}'))).toEqual([]);
    expect(await findings(data('"\\":\\":"'), data('"\\":\\":"'))).toEqual([]);
  });
});

describe('error codes', () => {
  const refused = (code: string) => session('> Vendor {}', `< !${code}`);

  it('are equal under both of their spellings, and that is noted', async () => {
    for (const [wrong, right] of [
      ['FormationViolation', 'FormatViolation'],
      ['OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
    ] as const) {
      const baseline = scripted(refused(wrong));
      const { findings: none, summary } = await compareRecordings(baseline, runOf(baseline, refused(right)));
      expect(none).toEqual([]);
      expect(summary.expected).toEqual({ 'spelling of an error code': 1 });
    }
    expect(await findings(refused('FormationViolation'), refused('InternalError'))).toEqual([
      'error-code Vendor',
    ]);
  });
});

describe('what follows in one answer from another status', () => {
  const start = (answer: string) =>
    session('> StartTransaction {"connectorId":1,"idTag":"A"}', `< ${answer}`);

  it('is told beneath it', async () => {
    const accepted = start(
      '{"transactionId":5,"idTagInfo":{"status":"Accepted","expiryDate":"2027-01-01T00:00:00Z"}}',
    );
    expect(await findings(accepted, start('{"transactionId":0,"idTagInfo":{"status":"Invalid"}}'))).toEqual([
      'field-changed StartTransaction /idTagInfo/status (format-changed /transactionId) (field-removed /idTagInfo/expiryDate)',
    ]);
  });
});

describe('an answer that went astray', () => {
  it('to another charger follows from the lack of it where it belongs', async () => {
    const two = (here: string, there: string) =>
      `session B\nconnect\n> Heartbeat {}\n${here}\n+40000\ncharger fin\nsession A\nconnect\n> Vendor {}\n< {}\n${there}\n+40000\ncharger fin`;
    expect(await findings(two('< {}', ''), two('', '< raw [3,"charger-1",{}]'))).toEqual([
      'unanswered Heartbeat (orphan-answer )',
    ]);
  });
});

describe('commands', () => {
  const boot = '> BootNotification {}\n< {"status":"Accepted"}';
  const set = (key: string) => `< ChangeConfiguration {"key":"${key}","value":"1"}\n> {"status":"Accepted"}`;
  const get = '< GetConfiguration {}\n> {}';

  it('that have nothing to do with each other may change places', async () => {
    expect(await findings(session(boot, set('A'), set('B')), session(boot, set('B'), set('A')))).toEqual([]);
    const clear = '< ClearCache {}\n> {"status":"Accepted"}';
    expect(await findings(session(boot, clear, get), session(boot, get, clear))).toEqual([]);
  });

  it('of which one asks what the other changes may not', async () => {
    expect(await findings(session(boot, get, set('A')), session(boot, set('A'), get))).toEqual([
      'command-order ChangeConfiguration A',
    ]);
  });

  it('that share a message id are one finding; one that is sent again with its id is repeated', async () => {
    const raw = (id: string, key: string) =>
      `< raw [2,"${id}","ChangeConfiguration",{"key":"${key}","value":"1"}]\n> raw [3,"${id}",{"status":"Accepted"}]`;
    const before = session(boot, raw('x', 'A'), raw('y', 'B'));
    expect(await findings(before, session(boot, raw('x', 'A'), raw('x', 'B')))).toEqual(['id-reused']);
    expect(await findings(before, session(boot, raw('x', 'A'), raw('x', 'A'), raw('y', 'B')))).toEqual([
      'command-repeated ChangeConfiguration A',
    ]);
  });
});
