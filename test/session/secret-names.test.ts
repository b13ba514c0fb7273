import { describe, expect, test } from 'vitest';
import { isSecretName, mayHoldSecret, SECRET_FRAGMENTS } from '../../src/session/secret-names.ts';

const SECRET = [
  'AuthorizationKey',
  'authorizationkey',
  'AUTHORIZATION_KEY',
  'Authorization Key',
  'UseAuthorizationKeyWithoutDecoding',
  'WebSocketPassword',
  'websocketpassword',
  'evb_APNPass',
  'evb_APNPass2',
  'G_CardPin',
  'SIMPIN',
  'PINCode',
  'pin',
  'PUK',
  'SimPuk1',
  'ClientSecret',
  'accessToken',
  'x-api-key',
  'WpaPsk',
  'wifi.pwd',
];

const HARMLESS = [
  'WebSocketPingInterval',
  'HeartbeatInterval',
  'AuthorizationCacheEnabled',
  'AuthorizeRemoteTxRequests',
  'AuthDisabledIdTag',
  'LocalAuthListEnabled',
  'localAuthorizationList',
  'MeterValueSampleInterval',
  'SecurityProfile',
  'Sec-WebSocket-Key',
  'SSID',
  'idTag',
  'idToken',
  'CompassHeading',
  'PassThroughMode',
  'Spinning',
  '',
];

describe('names of secrets', () => {
  test.each(SECRET)('%s is one, and its text is looked at', (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(mayHoldSecret(`{"${name}":1}`)).toBe(true);
  });

  test.each(HARMLESS)('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  test('an ordinary frame needs no further look', () => {
    expect(mayHoldSecret('[2,"36:352","StatusNotification",{"connectorId":0,"errorCode":"NoError"}]')).toBe(
      false,
    );
    expect(mayHoldSecret('[2,"1","Authorize",{"idTag":"04A1B2C3D4E5F6"}]')).toBe(false);
  });
});

test('every trace of a secret has a fragment, and there is a bit for each of their characters', () => {
  const urls = [
    'ws://h',
    'ws:\\/\\/h',
    '\\u0070in',
    'auth-key',
    'authenticationKey',
    'Authorization: x',
    'Set-Cookie: y',
  ];
  for (const text of [...SECRET, ...urls]) {
    expect(mayHoldSecret(text)).toBe(true);
    const lower = text.toLowerCase();
    expect(SECRET_FRAGMENTS.some((fragment) => lower.includes(fragment)) || text.includes('\\'), text).toBe(
      true,
    );
  }
  expect(SECRET_FRAGMENTS.join('')).toHaveLength(31);
});
