import { describe, expect, it } from 'vitest';
import { formatAddress, parseListenAddress, parseServerUrl } from '../../src/wire/url.ts';

describe('parseServerUrl', () => {
  it.each([
    ['ws://csms:8180', { host: 'csms', port: 8180, path: '' }],
    ['ws://csms/', { host: 'csms', port: 80, path: '' }],
    ['WS://csms.example:1/ocpp/%20x?y=1#z', { host: 'csms.example', port: 1, path: '/ocpp/%20x?y=1' }],
    ['http://127.0.0.1:9000/a//b', { host: '127.0.0.1', port: 9000, path: '/a//b' }],
    ['ws://[::1]:9000', { host: '::1', port: 9000, path: '' }],
    ['wss://csms', { host: 'csms', port: 443, path: '', secure: true }],
    ['https://[::1]:8443/x', { host: '::1', port: 8443, path: '/x', secure: true }],
    ['ws://csms?token=1', { host: 'csms', port: 80, path: '?token=1' }],
  ])('reads %s', (text, url) => {
    expect(parseServerUrl(text)).toEqual(url);
  });

  it.each([
    '',
    'csms:8180',
    'ftp://csms',
    'ws://',
    'ws://:80',
    'ws://a:99999',
    'ws://a:0',
    'ws://::1:80',
    'ws://a b',
  ])('refuses %j', (text) => {
    expect(() => parseServerUrl(text)).toThrow(expect.objectContaining({ code: 'BAD_URL' }));
  });

  it('refuses credentials without repeating them', () => {
    expect(() => parseServerUrl('ws://user:canary@csms')).toThrow(
      expect.objectContaining({ code: 'BAD_URL', message: expect.not.stringContaining('canary') }),
    );
  });
});

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:9000', '127.0.0.1', 9000],
    ['[::]:0', '::', 0],
    ['localhost:80', 'localhost', 80],
    [':9000', '127.0.0.1', 9000],
    ['9000', '127.0.0.1', 9000],
  ])('reads %s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
    expect(parseListenAddress(formatAddress(host, port))).toEqual({ host, port });
  });

  it.each(['', 'host', '::1:9000', 'a:70000', 'a:b', 'ws://a:1'])('refuses %j', (text) => {
    expect(() => parseListenAddress(text)).toThrow(expect.objectContaining({ code: 'BAD_ADDRESS' }));
  });
});
