import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { runOf, scripted } from '../support/session-script.ts';

/** Findings as `kind path baseline -> candidate`, of a run of a script. */
async function findings(before: string, after: string): Promise<string[]> {
  const baseline = scripted(before);
  const { findings: all } = await compareRecordings(baseline, runOf(baseline, after));
  return all.map(({ kind, path, baseline: left, candidate: right }) =>
    [kind, path, String(JSON.stringify(left)), '->', String(JSON.stringify(right))]
      .filter((part) => part !== '')
      .join(' '),
  );
}

describe('headers of the handshake', () => {
  const session = (...words: string[]) =>
    `session A\nconnect ${words.map((word) => `header=${word}`).join(' ')}\n> Heartbeat {}\n< {}\ncharger fin`;
  const plain = [
    'Upgrade:websocket',
    'Connection:Upgrade',
    'Server:A',
    'Date:today',
    'Set-Cookie:id=1;Path=/',
  ];
  const replaced = (from: string, to: string) => session(...plain.map((word) => (word === from ? to : word)));

  it.each([
    [
      'Connection:Upgrade',
      'Connection:upgrade,keep-alive',
      'header /connection "Upgrade" -> "upgrade,keep-alive"',
    ],
    ['Upgrade:websocket', 'Upgrade:WebSocket', 'header /upgrade "websocket" -> "WebSocket"'],
    ['Upgrade:websocket', 'Server:A', 'header /upgrade "websocket" -> undefined'],
    ['Upgrade:websocket', 'upgrade:websocket', 'header "Upgrade" -> "upgrade"'],
    ['Set-Cookie:id=1;Path=/', 'Set-Cookie:route=1;Path=/', 'header /set-cookie "id" -> "route"'],
    ['Date:today', 'Content-Length:0', 'header /content-length undefined -> "0"'],
  ])('%s that became %s is one finding', async (from, to, found) => {
    expect(await findings(session(...plain), replaced(from, to))).toEqual([found]);
    expect(await findings(replaced(from, to), replaced(from, to))).toEqual([]);
  });

  it('that differ by nature are none', async () => {
    const other = ['Connection:Upgrade', 'Upgrade:websocket', 'Server:B', 'X-Id:7', 'Set-Cookie:id=2;Path=/'];
    expect(await findings(session(...plain), session(...other))).toEqual([]);
  });

  it('of a refusal are compared too', async () => {
    const refused = (retry: string) =>
      `session A\nconnect status=503 header=Retry-After:${retry}\ncsms refused`;
    expect(await findings(refused('10'), refused('600'))).toEqual(['header /retry-after "10" -> "600"']);
  });
});

describe('pings', () => {
  const beats = (count: number, seconds: number) => `< ping\n> pong\n+${seconds * 1_000}\n`.repeat(count);
  const session = (pings: string) => `session A\nconnect\n> Heartbeat {}\n< {}\n${pings}charger fin`;

  it.each([
    ['that stop', session(beats(6, 10)), session('+60000\n'), 'ping /interval 10 -> undefined'],
    [
      'that stop midway',
      session(beats(9, 10)),
      session(`${beats(4, 10)}+50000\n`),
      'ping /interval 10 -> undefined',
    ],
    ['that begin', session('+60000\n'), session(beats(6, 10)), 'ping /interval undefined -> 10'],
    ['at another interval', session(beats(6, 10)), session(beats(4, 15)), 'ping /interval 10 -> 15'],
  ])('%s are one finding', async (_name, before, after, found) => {
    expect(await findings(before, after)).toEqual([found]);
  });

  it('are none when they keep their interval, jitter apart, or had no time to come', async () => {
    expect(await findings(session(beats(6, 10)), session(beats(7, 11)))).toEqual([]);
    expect(await findings(session(beats(6, 10)), session('+12000\n'))).toEqual([]);
    expect(await findings(session('+300\n'), session(beats(6, 10)))).toEqual([]);
  });

  it('of the charger that get no pong are one finding', async () => {
    const asked = (pong: string) =>
      session(`> ping a\n${pong}+1000\n> ping b\n${pong.replace('a', 'b')}> Heartbeat {}\n< {}\n`);
    expect(await findings(asked('< pong a\n'), asked(''))).toEqual(['ping /pong true -> false']);
    expect(await findings(asked(''), asked('< pong a\n'))).toEqual(['ping /pong false -> true']);
    expect(await findings(asked(''), asked(''))).toEqual([]);
  });

  it('of which one pong answers the latest alone are answered', async () => {
    const asked = (pongs: string) => session(`> ping a\n> ping b\n${pongs}> Heartbeat {}\n< {}\n`);
    expect(await findings(asked('< pong a\n< pong b\n'), asked('< pong b\n'))).toEqual([]);
  });

  it('whose connection ended at once are not compared', async () => {
    const asked = (pong: string) => session(`> ping a\n${pong}`);
    expect(await findings(asked('< pong a\n'), asked(''))).toEqual([]);
  });
});
