import { describe, expect, it } from 'vitest';
import { parseProbeFile } from '../../src/replay/probe-file.ts';

const parse = (value: unknown) =>
  parseProbeFile(JSON.stringify(value), 'probes.json', (action) => action === 'StopTransaction');
const run = ['true'];

describe('parseProbeFile', () => {
  it('reads requests, which GET unless told otherwise, and programs', () => {
    const request = { url: `http://127.0.0.1:1/records/\${transactionId}` };
    expect(
      parse({ record: { after: 'StopTransaction', delay: 0.5, request }, books: { after: 'session', run } }),
    ).toEqual([
      {
        name: 'record',
        after: 'StopTransaction',
        delayMs: 500,
        driver: { kind: 'request', method: 'GET', url: request.url, headers: {}, body: null },
      },
      { name: 'books', after: null, delayMs: 0, driver: { kind: 'run', argv: run } },
    ]);
  });

  it.each([
    ['no object', 7, '"x" is no object'],
    ['no point', { run }, '"x" does not say after what it looks'],
    ['a command of the CSMS', { after: 'Reset', run }, '"Reset" is no call of a charger'],
    ['an unknown field', { after: 'session', run, colour: 1 }, '"x" has a field "colour"'],
    [
      'a long delay',
      { after: 'session', run, delay: 61 },
      'the delay of "x" is not between 0 and 60 seconds',
    ],
    ['nothing to do', { after: 'session' }, 'x needs "request" with a "url", or "run" with a list of words'],
  ])('refuses %s', (_, probe, what) => {
    expect(() => parse({ x: probe })).toThrow(
      expect.objectContaining({ code: 'BAD_PROBES', message: `probes.json: ${what}.` }),
    );
  });
});
