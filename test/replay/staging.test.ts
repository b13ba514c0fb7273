import { describe, expect, it } from 'vitest';
import { Lateness } from '../../src/load/lateness.ts';
import { ownHeaders, passwordsOf } from '../../src/replay/credentials.ts';
import { parsePairs } from '../../src/replay/pairs-file.ts';
import { StagedSession } from '../../src/replay/staged-events.ts';
import { stagingMap } from '../../src/replay/staging-map.ts';
import { withIdentity } from '../../src/replay/target.ts';
import { requestHeadFor } from '../../src/wire/request-head.ts';
import { scriptedSession } from '../support/scripted-session.ts';

/** The texts of a scripted session as they are played under other names. */
function staged(script: string, names: Parameters<typeof stagingMap>[0]) {
  const { session, events } = scriptedSession(script);
  const one = new StagedSession(session, stagingMap(names));
  const texts = events
    .map((event) => one.event(event))
    .flatMap((event) => {
      return event.kind === 'frame'
        ? [
            Buffer.from(event.frame.payload)
              .toString()
              .replace(/"m\d+"/, '"m"'),
          ]
        : [];
    });
  return { texts, renamings: one.renamings };
}

describe('a list of pairs', () => {
  const header = ['from', 'to'] as const;

  it('is CSV with quotes, comments and a header, or a JSON object', () => {
    const csv = '\ufefffrom,to\r\n# lab\r\n\r\na, b \r\n"c, ""d""",e\r\nf,\r\n';
    expect(parsePairs(csv, 'x.csv', header)).toEqual([
      ['a', 'b'],
      ['c, "d"', 'e'],
      ['f', ''],
    ]);
    expect(parsePairs(' {"a":"b","from":"to"}', 'x.json', header)).toEqual([
      ['a', 'b'],
      ['from', 'to'],
    ]);
  });

  it.each(['a,b\nc', 'a,b,c', '"a,b', '{"a":1}', '{nope'])('is refused as %j', (text) => {
    expect(() => parsePairs(text, 'x', header)).toThrow(expect.objectContaining({ code: 'BAD_LIST' }));
  });
});

describe('a staging map', () => {
  it('takes a listed identity before the template, and tags without regard to case', () => {
    const map = stagingMap({ template: 'STG-{identity}', identities: [['A', 'B']], tags: [['Tag', 'T']] });
    expect(['A', 'a', '$&'].map(map.identity)).toEqual(['B', 'STG-a', 'STG-$&']);
    expect(['TAG', 'tag', 'tags'].map(map.tag)).toEqual(['T', 'T', null]);
  });

  it('is one to one', () => {
    for (const tags of [
      [
        ['a', 'x'],
        ['A', 'y'],
      ],
      [
        ['a', 'x'],
        ['b', 'X'],
      ],
    ] as const) {
      expect(() => stagingMap({ tags })).toThrow(expect.objectContaining({ code: 'BAD_LIST' }));
    }
    expect(() => stagingMap({ template: 'all' })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('a staged session', () => {
  it('changes tags and serial numbers, in messages of both sides, and not one other byte', () => {
    const { texts, renamings } = staged(
      `0 open
       1 > BootNotification { "chargePointSerialNumber": "CP1", "chargeBoxSerialNumber" :"CP1x","chargePointModel":"CP1" }
       2 > Authorize {"idTag":"tAg"}
       3 > StartTransaction {"idTag":77,"meterStart":1.50,"connectorId":1}
       4 < {"idTagInfo":{"parentIdTag":"GROUP","status":"Accepted"}}
       5 << RemoteStartTransaction {"idTag":"TAG"}
       6 << SendLocalList {"localAuthorizationList":[{"idTag":"Tag"},{"idTag":"x","idTagInfo":{"parentIdTag":"group"}}]}
       7 > DataTransfer {"vendorId":"Tag","idTag":"Tag"}
       8 raw charger [2,"m","Authorize",{"idTag":"Tag"`,
      {
        identities: [['CP1', 'L"1']],
        tags: [
          ['TAG', 'live'],
          ['77', '0088'],
          ['Group', 'G'],
        ],
      },
    );
    expect(texts).toEqual([
      '[2,"m","BootNotification",{ "chargePointSerialNumber": "L\\"1", "chargeBoxSerialNumber" :"CP1x","chargePointModel":"CP1" }]',
      '[2,"m","Authorize",{"idTag":"live"}]',
      '[2,"m","StartTransaction",{"idTag":"0088","meterStart":1.50,"connectorId":1}]',
      '[3,"m",{"idTagInfo":{"parentIdTag":"GROUP","status":"Accepted"}}]',
      '[2,"m","RemoteStartTransaction",{"idTag":"live"}]',
      '[2,"m","SendLocalList",{"localAuthorizationList":[{"idTag":"live"},{"idTag":"x","idTagInfo":{"parentIdTag":"G"}}]}]',
      '[2,"m","DataTransfer",{"vendorId":"Tag","idTag":"Tag"}]',
      '[2,"m","Authorize",{"idTag":"Tag"',
    ]);
    expect(renamings).toContainEqual({ idClass: 'identity', recorded: '"CP1"', live: '"L\\"1"' });
    expect(renamings).toContainEqual({ idClass: 'idTag', recorded: '77', live: '"0088"' });
  });

  it('keeps the number that a charger wrote for a tag when the live one can be such', () => {
    const { texts } = staged('0 open\n1 > Authorize {"idTag":77}', { tags: [['77', '88']] });
    expect(texts).toEqual(['[2,"m","Authorize",{"idTag":88}]']);
  });
});

describe('a handshake under another name', () => {
  it.each([
    ['/ocpp/CP%201', 'a/b ü', '/ocpp/a%2Fb%20%C3%BC'],
    ['/ocpp/CP1/?token=CP1', 'X', '/ocpp/X/?token=CP1'],
    ['CP1', 'X', 'X'],
    ['/', 'X', '/'],
    ['ws://CP1/ocpp/CP1', 'X', 'ws://CP1/ocpp/X'],
  ])('%s as %s asks for %s', (recorded, identity, target) => {
    expect(withIdentity(recorded, identity)).toBe(target);
  });

  it('has our headers in the place of the recorded ones, at the end', () => {
    const recorded = 'GET /a HTTP/1.1\r\nHost: x\r\nauthorization: Basic [redacted]\r\nX-Other: y\r\n\r\n';
    const own = ownHeaders(
      'RUN',
      'CP1',
      passwordsOf(
        [
          ['CP1', 'p:w'],
          ['*', 'any'],
        ],
        null,
      ),
    );
    const head = requestHeadFor(recorded, { host: 'h', port: 1, path: '' }, '/a', 'k', own);
    expect(head).toBe(
      'GET /a HTTP/1.1\r\nHost: h:1\r\nX-Other: y\r\nAuthorization: Basic Q1AxOnA6dw==\r\nX-Chargetape-Run: RUN\r\n\r\n',
    );
  });

  it('has a password of bytes where it is written in digits', () => {
    const [[, basic] = []] = ownHeaders(
      'RUN',
      'AL1000',
      () => 'hex:000102030405060708090A0B0C0D0E0F10111213',
    );
    expect(basic).toBe('Basic QUwxMDAwOgABAgMEBQYHCAkKCwwNDg8QERIT');
  });

  it('has no password without one, that of any other charger else', () => {
    expect(ownHeaders('RUN', 'CP2', passwordsOf([['CP1', 'p']], null))).toEqual([
      ['X-Chargetape-Run', 'RUN'],
    ]);
    expect(
      passwordsOf(
        [
          ['CP1', 'p'],
          ['*', 'any'],
        ],
        'last',
      )('CP2'),
    ).toBe('any');
    expect(passwordsOf([['CP1', 'p']], 'last')('CP2')).toBe('last');
  });
});

describe('lateness', () => {
  it('is known to within a tenth, whatever the count', () => {
    const lateness = new Lateness();
    expect(lateness.percentile(0.5)).toBeNull();
    for (let us = 1; us <= 10_000; us++) lateness.add(us);
    expect(lateness.percentile(0.5)).toBeGreaterThanOrEqual(5_000);
    expect(lateness.percentile(0.5)).toBeLessThan(5_500);
    expect(lateness.percentile(0.99)).toBeGreaterThanOrEqual(9_900);
    expect(lateness.percentile(0.99)).toBeLessThan(10_900);
  });

  it('is next to nothing for what was sent ahead of its time', () => {
    const lateness = new Lateness();
    lateness.add(-20);
    expect(lateness.percentile(0.99)).toBe(1);
  });
});
