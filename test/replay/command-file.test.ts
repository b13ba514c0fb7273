import { describe, expect, it } from 'vitest';
import { parseCommandFile } from '../../src/replay/command-file.ts';

const isCommand = (action: string) => ['Reset', 'ClearCache'].includes(action);
const parsed = (value: unknown) =>
  parseCommandFile(typeof value === 'string' ? value : JSON.stringify(value), 'commands.json', isCommand);

describe('a command file', () => {
  it('says which class commands are of, and how the CSMS is made to send them', () => {
    const run = ['./reset.sh', 'x'];
    const request = { url: 'https://csms.example/reset', headers: { A: 'b' }, body: [1] };
    const file = parsed({
      external: ['ClearCache'],
      reaction: ['Reset'],
      drivers: { Reset: { run }, ClearCache: { request } },
    });
    expect(file.external).toEqual(new Set(['ClearCache']));
    expect(file.reaction).toEqual(new Set(['Reset']));
    expect(file.drivers.get('Reset')).toEqual({ kind: 'run', argv: run });
    expect(file.drivers.get('ClearCache')).toEqual({ kind: 'request', method: 'POST', ...request });
  });

  it('may leave out everything', () => {
    expect(parsed({})).toEqual({ external: new Set(), reaction: new Set(), drivers: new Map() });
  });

  it.each<[string, unknown]>([
    ['it is not JSON', '{'],
    ['it is no JSON object', []],
    ['there is no field "driver"', { driver: {} }],
    ['"Heartbeat" is no command of a CSMS', { external: ['Heartbeat'] }],
    ['external is no list', { external: 'Reset' }],
    ['reaction has something that is no text', { reaction: [1] }],
    ['"Reset" is in both lists', { external: ['Reset'], reaction: ['Reset'] }],
    [
      'Reset needs "request" with a "url", or "run" with a list of words',
      { drivers: { Reset: { request: {} } } },
    ],
    ['Reset.run names no program', { drivers: { Reset: { run: [] } } }],
    ['the url of Reset does not begin with', { drivers: { Reset: { request: { url: 'ftp://x' } } } }],
    [
      'the header A of Reset is no text',
      { drivers: { Reset: { request: { url: 'http://x', headers: { A: 1 } } } } },
    ],
    ['drivers is no object', { drivers: [] }],
  ])('is refused when %s', (what, value) => {
    expect(() => parsed(value)).toThrow(`commands.json: ${what}`);
  });
});
