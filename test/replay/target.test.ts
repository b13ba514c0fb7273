import { describe, expect, it } from 'vitest';
import { requestTarget } from '../../src/replay/target.ts';
import { checkTarget } from '../../src/replay/target-guard.ts';
import { parseServerUrl } from '../../src/wire/url.ts';

describe('request target', () => {
  it.each([
    ['ws://next:8180', '/steve/websocket/CP%201?x=1', '/steve/websocket/CP%201?x=1'],
    ['ws://next:8180/', '//ocpp//CP1/', '//ocpp//CP1/'],
    ['ws://next:8180/ocpp', '/steve/websocket/CP%201?x=1', '/ocpp/CP%201?x=1'],
    ['ws://next:8180/ocpp/', '/CP1', '/ocpp/CP1'],
    ['ws://next:8180/ocpp?key=1', '/CP1', '/ocpp/CP1?key=1'],
    ['ws://next:8180', 'ws://old:1/ocpp/CP1', '/ocpp/CP1'],
  ])('asks %s for %s as %s', (url, recorded, target) => {
    expect(requestTarget(parseServerUrl(url), recorded)).toBe(target);
  });
});

describe('target guard', () => {
  const addresses: Record<string, string[]> = {
    'csms.example': ['192.0.2.1'],
    'alias.example': ['192.0.2.1', '192.0.2.9'],
    'test.example': ['192.0.2.2'],
    'here.example': ['127.0.0.1'],
  };
  const resolve = async (host: string) => {
    const found = addresses[host];
    if (!found) throw new Error('no such host');
    return found;
  };
  const check = (target: string, allowed: string[] = [], typedName?: string) =>
    checkTarget({
      target: parseServerUrl(target),
      upstream: 'ws://csms.example:8180/ocpp',
      allowed,
      resolve,
      ...(typedName !== undefined && { typedName }),
    });

  it.each([
    'ws://127.0.0.1:1',
    'ws://127.8.9.1:1',
    'ws://[::1]:1',
    'ws://localhost:1',
    'ws://here.example:1',
  ])('allows %s, which is this machine', async (target) => {
    await expect(check(target)).resolves.toEqual({ byCertificate: false });
  });

  it('allows what is on the list, by name or by name and port', async () => {
    await expect(check('ws://test.example:8180', ['test.example'])).resolves.toEqual({
      byCertificate: false,
    });
    await expect(check('ws://TEST.example:8180', ['test.example:8180'])).resolves.toEqual({
      byCertificate: false,
    });
    await expect(check('ws://192.0.2.2:8180', ['192.0.2.2'])).resolves.toEqual({ byCertificate: false });
  });

  it.each([
    ['what is not on the list', 'ws://test.example:8180', []],
    ['another port than the one on the list', 'ws://test.example:8181', ['test.example:8180']],
    ['a name that cannot be resolved and is not on the list', 'ws://nowhere.example', []],
    ['the upstream, though it is on the list', 'ws://csms.example:8180', ['csms.example:8180']],
    ['the upstream in other letters', 'ws://CSMS.example.:8180', ['csms.example']],
    ['the address of the upstream', 'ws://192.0.2.1:8180', ['192.0.2.1:8180']],
    ['another name of the upstream', 'ws://alias.example:8180', ['alias.example:8180']],
    [
      'another port of the upstream, when only its host is on the list',
      'ws://csms.example:9000',
      ['csms.example'],
    ],
  ])('refuses %s', async (_, target, allowed) => {
    await expect(check(target, allowed)).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
  });

  it('wants the certificate looked at of a wss:// target that only the list allows', async () => {
    await expect(check('wss://test.example', ['test.example'])).resolves.toEqual({ byCertificate: true });
    await expect(check('wss://csms.example', ['csms.example:443'])).resolves.toEqual({ byCertificate: true });
    await expect(check('wss://localhost')).resolves.toEqual({ byCertificate: false });
    await expect(check('wss://test.example', [], 'test.example')).resolves.toEqual({ byCertificate: false });
  });

  it('allows another port of the upstream that is itself on the list', async () => {
    await expect(check('ws://csms.example:9000', ['csms.example:9000'])).resolves.toEqual({
      byCertificate: false,
    });
  });

  it('lets the name typed out override, and no other name', async () => {
    await expect(check('ws://csms.example:8180', [], 'csms.example')).resolves.toEqual({
      byCertificate: false,
    });
    await expect(check('ws://csms.example:8180', [], 'test.example')).rejects.toMatchObject({
      code: 'TARGET_REFUSED',
    });
  });
});
