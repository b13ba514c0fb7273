import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  redactBytes,
  redactHead,
  redactPayload,
  redactTarget,
  redactUrl,
} from '../../src/session/redaction.ts';

/** The redacted text of a frame. */
function redact(text: string, action: string | null = null): string {
  return redactPayload(text, action === null ? null : { action }).text;
}

describe('heads', () => {
  test('lose credentials and keep every other byte', () => {
    const head =
      'GET /ocpp/CP 1?token=s3cret&x=1 HTTP/1.1\r\nHost: a\nauthorization :  Basic QUwxMDAw \r\n' +
      'AUTHORIZATION: Digest username="a", response="b"\r\n\turi="/"\r\nProxy-Authorization: onlytoken\r\n' +
      'Cookie: a=1; b="2"\r\nX-Api-Key: abc\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-\u00fc: \u00e4\r\n\r\n';
    expect(redactHead(head)).toEqual({
      head:
        'GET /ocpp/CP 1?token=[redacted]&x=1 HTTP/1.1\r\nHost: a\nauthorization :  Basic [redacted] \r\n' +
        'AUTHORIZATION: Digest [redacted]\r\n\t[redacted]\r\nProxy-Authorization: [redacted]\r\n' +
        'Cookie: a=[redacted]; b=[redacted]\r\nX-Api-Key: [redacted]\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-\u00fc: \u00e4\r\n\r\n',
      redacted: true,
    });
  });

  test('of responses lose cookies and what their Location tells', () => {
    const head =
      'HTTP/1.1 302 pass=word\r\nSet-Cookie: sid=abc; Path=/; HttpOnly\r\nLocation: ws://u:p@h/x?password=1\r\n\r\n';
    expect(redactHead(head).head).toBe(
      'HTTP/1.1 302 pass=word\r\nSet-Cookie: sid=[redacted]; Path=/; HttpOnly\r\nLocation: ws://u:[redacted]@h/x?password=[redacted]\r\n\r\n',
    );
  });

  test('without secrets are the same text', () => {
    const head = 'GET //ocpp//CP%201?a=b HTTP/1.1\nHost: h:9000\nAuthorization:\nCookie: \n\tfolded\n\n';
    expect(redactHead(head)).toEqual({ head, redacted: false });
  });

  test('are the same when redacted again', () => {
    const { head } = redactHead('GET /?token=1 HTTP/1.1\r\nAuthorization: Basic abc\r\nCookie: a=b\r\n\r\n');
    expect(redactHead(head)).toEqual({ head, redacted: false });
  });
});

describe('URLs', () => {
  test.each([
    ['ws://csms:8180/ocpp', 'ws://csms:8180/ocpp'],
    ['ws://user:pw@csms:8180/ocpp', 'ws://user:[redacted]@csms:8180/ocpp'],
    ['ftp://u:p@ss/w:rd@host/x', 'ftp://u:[redacted]@host/x'],
    ['ws://h:80/x,ftp://u:12@h2', 'ws://h:80/x,ftp://u:[redacted]@h2'],
    [`ftp://u:${'p'.repeat(2000)}@h/`, 'ftp://u:[redacted]@h/'],
    ['ftp://u:@h/', 'ftp://u:@h/'],
    ['https://ghp_abc@host/x', 'https://[redacted]@host/x'],
    ['ws://[::1]:9000/a@b', 'ws://[::1]:9000/a@b'],
    ['http://host:80/path/@home', 'http://host:80/path/@home'],
    ['http://h/f?X=1&access_token=abc&sig=d#e', 'http://h/f?X=1&access_token=[redacted]&sig=[redacted]#e'],
    ['ws://u:[redacted]@h/', 'ws://u:[redacted]@h/'],
  ])('%s is stored as %s', (url, stored) => {
    expect(redactUrl(url)).toBe(stored);
    expect(redactTarget(url)).toBe(stored);
  });
});

describe('frames', () => {
  test.each([
    ['an ordinary frame', '[2,"1","Heartbeat",{}]'],
    ['a harmless key', '[2,"1","ChangeConfiguration",{"key":"WebSocketPingInterval","value":"60"}]'],
    [
      'a secret key without a value',
      '[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":""}]}]',
    ],
    [
      'a boolean of a secret key',
      '[3,"1",{"configurationKey":[{"key":"UseAuthorizationKeyWithoutDecoding","value":"True"}]}]',
    ],
    [
      'the question for a secret key',
      '[2,"1","GetConfiguration",{"key":["AuthorizationKey","HeartbeatInterval"]}]',
    ],
    ['a URL with no secret', '[2,"1","GetDiagnostics",{"location":"ftp:\\/\\/host:21\\/a@b"}]'],
    ['a malformed frame', '[2,"x","MeterValues",{"transactionId":,"meterValue":[]}]'],
  ])('%s stays as it is', (_name, text) => {
    expect(redactPayload(text, null)).toEqual({ text, redacted: false });
  });

  test('lose the value of a secret key and nothing else', () => {
    expect(redact('[2, "1", "ChangeConfiguration", { "value" : "c4n4ry","key":"authorizationkey"} ]')).toBe(
      '[2, "1", "ChangeConfiguration", { "value" : "[redacted]","key":"authorizationkey"} ]',
    );
    expect(
      redact(
        '[3,"1",{"configurationKey":[{"readonly":false,"key":"G_CardPin","value":"1234"},{"key":"HeartbeatInterval","value":"60.0"}],"unknownKey":[]}]',
      ),
    ).toBe(
      '[3,"1",{"configurationKey":[{"readonly":false,"key":"G_CardPin","value":"[redacted]"},{"key":"HeartbeatInterval","value":"60.0"}],"unknownKey":[]}]',
    );
  });

  test('lose numbers, and both values of a duplicate member', () => {
    expect(redact('[2,"1","ChangeConfiguration",{"key":"PUK","value":12345678,"value":"x"}]')).toBe(
      '[2,"1","ChangeConfiguration",{"key":"PUK","value":"[redacted]","value":"[redacted]"}]',
    );
  });

  test('lose the value of a secret key in a payload of the wrong shape', () => {
    expect(
      redact('[2,"1","ChangeConfiguration",["AuthorizationKey","c4n4ry"]]', 'ChangeConfiguration'),
    ).not.toContain('c4n4ry');
  });

  test('lose a secret key written with escapes', () => {
    expect(
      redact('[2,"1","ChangeConfiguration",{"key":"\\u0041uthorizati\\u006fnKey","value":"c4n4ry"}]'),
    ).not.toContain('c4n4ry');
  });

  test('lose passwords of URLs, escaped slashes included', () => {
    expect(redact('[2,"1","GetDiagnostics",{"location":"ftp:\\/\\/anna:c4n4ry@host\\/x","retries":1}]')).toBe(
      '[2,"1","GetDiagnostics",{"location":"ftp://anna:[redacted]@host/x","retries":1}]',
    );
  });

  test('lose secrets of JSON inside a string, several levels down', () => {
    const inner = JSON.stringify({
      config: JSON.stringify([{ key: 'WebSocketPassword', value: 'c4n4ry' }]),
      n: 1,
    });
    const text = JSON.stringify([2, '1', 'DataTransfer', { vendorId: 'v', data: inner }]);
    const expected = inner.replace('c4n4ry', '[redacted]');
    expect(redact(text)).toBe(JSON.stringify([2, '1', 'DataTransfer', { vendorId: 'v', data: expected }]));
  });

  test('lose secrets of text inside a string', () => {
    expect(redact('[2,"1","DataTransfer",{"data":"user=anna;password=c4n4ry;ssid=x"}]')).toBe(
      '[2,"1","DataTransfer",{"data":"user=anna;password=[redacted];ssid=x"}]',
    );
    expect(
      redact('[2,"1","DataTransfer",{"data":"{\\"key\\":\\"PUK\\",\\"value\\":\\"c4n4"}]'),
    ).not.toContain('c4n4');
  });

  test('that are cut or broken lose them by pattern', () => {
    for (const text of [
      '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"c4n4ry',
      '[2,"1","ChangeConfiguration",{"value":"c4n4ry","key":"AuthorizationKey"',
      '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey,"value":"c4n4ry"}]',
      '[2,"1","ChangeConfiguration",{"value":"{c4n4ry{","key":"PUK",',
      "[2,'1','ChangeConfiguration',{'key':'AuthorizationKey','value':'c4n4ry'}]",
      '{key:AuthorizationKey,value:c4n4ry}',
      '[2,"1","DataTransfer",{"password":"c4n4ry',
      '[2,"1","X",{"a":,"location":"ftp://u:c4n4ry@h"}]',
      'GET / HTTP/1.1\r\nAuthorization: Basic c4n4ry\r\n',
    ]) {
      expect(redact(text)).toContain('[redacted]');
      expect(redact(text)).not.toContain('c4n4ry');
    }
  });

  test('of bytes that are no UTF-8 lose them too and keep the other bytes', () => {
    const bytes = (value: string) =>
      Buffer.concat([
        Buffer.from('[2,"1","X",{"a":"'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(`","password":"${value}"}]`),
      ]);
    expect(redactBytes(bytes('c4n4ry'))).toEqual({ bytes: bytes('[redacted]'), redacted: true });
    const harmless = new Uint8Array([0xff, 0x00, 0x70, 0x69, 0x6e, 0x22]);
    expect(redactBytes(harmless)).toEqual({ bytes: harmless, redacted: false });
    expect(redactBytes(harmless).bytes).toBe(harmless);
  });

  test('of a megabyte made to be slow are read in one go', () => {
    for (const part of ['"a', 'key', '{"pin"', '\\', '?a=', '://x:', 'cookie: ', ' ', '[']) {
      const text = `"password"${part.repeat(1_000_000 / part.length)}`;
      expect(redact(text).startsWith('"password"')).toBe(true);
    }
  });
});

const secretName = fc.constantFrom(
  'AuthorizationKey',
  'websocketpassword',
  'evb_APNPass',
  'PUK',
  'G_CardPin',
  'token',
);

/** A word that stands nowhere else, between characters that JSON, URLs and patterns give a meaning to. */
const canary = fc
  .tuple(fc.string({ maxLength: 5 }), fc.constantFrom('', '"', '\\', '{', '}:', '/', '@', "'", 'ü', '\ud800'))
  .map(([around, special]) => ({ value: `${around}${special}c4n4ry${special}` }));

describe('a planted secret', () => {
  /** Ways in which a frame holds a secret. */
  const plants: ((name: string, value: string) => unknown)[] = [
    (name, value) => [2, '1', 'ChangeConfiguration', { key: name, value }],
    (name, value) => [
      3,
      '1',
      {
        configurationKey: [
          { key: 'A', value: '1' },
          { value, readonly: true, key: name },
        ],
      },
    ],
    (name, value) => [2, '1', 'DataTransfer', { vendorId: 'v', data: JSON.stringify({ [name]: value }) }],
    (name, value) => [4, '1', 'InternalError', '', { [name]: { nested: [value] } }],
  ];

  test('is in no stored frame, whose JSON has the same shape', () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        secretName,
        canary,
        fc.jsonValue(),
        fc.boolean(),
        (which, name, { value }, other, indent) => {
          const frame = [plants[which]!(name, value), other];
          const text = JSON.stringify(frame, null, indent ? 1 : undefined);
          const stored = redactPayload(text, null);
          expect(stored.redacted).toBe(true);
          expect(stored.text).not.toContain('c4n4ry');
          const expected = JSON.stringify([plants[which]!(name, '[redacted]'), other]);
          expect(JSON.stringify(JSON.parse(stored.text))).toBe(JSON.stringify(JSON.parse(redact(expected))));
          expect(redactPayload(stored.text, null)).toEqual({ text: stored.text, redacted: false });
        },
      ),
    );
  });

  test('is in no stored frame that was cut at any place', () => {
    fc.assert(
      fc.property(fc.nat(2), secretName, fc.nat(), (which, name, cut) => {
        const text = JSON.stringify(plants[which]!(name, 'c4n4ry'));
        const after = text.indexOf('c4n4ry') + 6;
        const part = text.slice(0, after + (cut % (text.length - after)));
        if (part.indexOf(name) !== -1) expect(redact(part)).not.toContain('c4n4ry');
      }),
    );
  });

  test('is in no stored head', () => {
    const headers = [
      'Authorization: Basic ',
      'authorization:',
      'Cookie: sid=',
      'Proxy-Authorization: Bearer ',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...headers),
        fc.base64String({ maxLength: 9 }),
        fc.constantFrom('\r\n', '\n'),
        (h, s, end) => {
          const stored = redactHead(['GET /CP1 HTTP/1.1', `${h}${s}c4n4ry`, 'Host: h', '', ''].join(end));
          expect(stored.head).not.toContain('c4n4ry');
          expect(stored.head.split(end)).toHaveLength(5);
        },
      ),
    );
  });

  test('aside, any JSON stays JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const stored = redactPayload(text, null).text;
        expect(() => JSON.parse(stored)).not.toThrow();
      }),
    );
  });
});
