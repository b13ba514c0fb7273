import { describe, expect, it } from 'vitest';
import {
  filledJson,
  filledText,
  MissingValue,
  secretsOf,
  withoutSecrets,
} from '../../src/replay/template.ts';

const given = {
  values: { identity: 'CP 1', connectorId: 2, big: 9007199254740993n, csChargingProfiles: { stackLevel: 3 } },
  env: { TOKEN: 'geheim+1', BASE: 'http://127.0.0.1:1/a/b' },
};
const place = (name: string) => `\${${name}}`;

describe('a template', () => {
  it('is filled with values by name or path, and with the environment', () => {
    const text = `${place('env:BASE')}/${place('identity')}/${place('csChargingProfiles.stackLevel')}`;
    expect(filledText(text, given, encodeURIComponent)).toBe('http://127.0.0.1:1/a/b/CP%201/3');
  });

  it('keeps the type of a value that stands alone, 64-bit numbers included', () => {
    const body = {
      connector: place('connectorId'),
      text: `no ${place('connectorId')}`,
      ids: [place('big')],
      on: true,
    };
    expect(filledJson(body, given)).toEqual({
      connector: 2,
      text: 'no 2',
      ids: [9007199254740993n],
      on: true,
    });
  });

  it('that names what is not there is an error, not a gap', () => {
    expect(() => filledText(place('transactionId'), given)).toThrow(MissingValue);
    expect(() => filledText(place('env:NOPE'), given)).toThrow('the environment has no NOPE');
  });

  it('has secrets, which no text shows in any spelling; an address is none', () => {
    const secrets = secretsOf([place('env:TOKEN'), place('env:BASE')], given.env);
    expect(secrets).toEqual(['geheim+1']);
    const shown = `x geheim+1 geheim%2B1 ${Buffer.from('geheim+1').toString('base64')}`;
    expect(withoutSecrets(shown, secrets)).toMatch(/^x \[redacted\] \[redacted\] \[redacted\]=*$/);
  });
});
