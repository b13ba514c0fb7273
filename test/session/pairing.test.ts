import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../src/ocpp/message.ts';
import { Pairing } from '../../src/session/pairing.ts';

/** Feeds `> text` (charger) and `< text` (CSMS) as frames 1, 2, … one millisecond apart; gives what pairing tells of each. */
function pairs(...lines: string[]) {
  const pairing = new Pairing();
  return lines.map((line, index) => {
    const sender = line.startsWith('>') ? 'charger' : 'csms';
    return pairing.observe(sender, decodeMessage(line.slice(2)), index + 1, (index + 1) * 1000);
  });
}

const ORPHAN = { action: null, answers: null, latencyUs: null, duplicate: false };

describe('pairing', () => {
  test('gives an answer its call, action and latency', () => {
    expect(pairs('> [2,"1","Heartbeat",{}]', '< [3,"1",{}]')).toEqual([
      { action: 'Heartbeat', answers: null, latencyUs: null, duplicate: false },
      { action: 'Heartbeat', answers: 1, latencyUs: 1000, duplicate: false },
    ]);
  });

  test('keeps the ids of both sides apart', () => {
    const [, , toCsms, toCharger] = pairs(
      '> [2,"1","Heartbeat",{}]',
      '< [2,"1","Reset",{}]',
      '> [3,"1",{}]',
      '< [4,"1","InternalError","",{}]',
    );
    expect(toCsms).toMatchObject({ action: 'Reset', answers: 2 });
    expect(toCharger).toMatchObject({ action: 'Heartbeat', answers: 1 });
  });

  test('takes the oldest open call of an id used twice, then names the last answered one as a duplicate', () => {
    const [, , first, second, third] = pairs(
      '> [2,"1","A",{}]',
      '> [2,"1","B",{}]',
      '< [3,"1",{}]',
      '< [3,"1",{}]',
      '< [3,"1",{}]',
    );
    expect(first).toMatchObject({ action: 'A', answers: 1, duplicate: false });
    expect(second).toMatchObject({ action: 'B', answers: 2, duplicate: false });
    expect(third).toEqual({ action: 'B', answers: 2, latencyUs: 3000, duplicate: true });
  });

  test('takes an id that is used again as a new call', () => {
    const [, , , answer] = pairs('> [2,"1","A",{}]', '< [3,"1",{}]', '> [2,"1","B",{}]', '< [3,"1",{}]');
    expect(answer).toEqual({ action: 'B', answers: 3, latencyUs: 1000, duplicate: false });
  });

  test('leaves orphan answers and malformed texts alone', () => {
    expect(pairs('> [3,"1",{}]', '< nonsense', '> [2,"1","A",{}]', '> [3,"1",{}]')).toMatchObject([
      ORPHAN,
      ORPHAN,
      { action: 'A' },
      ORPHAN,
    ]);
  });

  test('remembers the last 16 answered calls of a side', () => {
    const pairing = new Pairing();
    for (let id = 0; id < 17; id++) {
      pairing.observe('charger', decodeMessage(`[2,"${id}","A",{}]`), id, 0);
      pairing.observe('csms', decodeMessage(`[3,"${id}",{}]`), 1000 + id, 0);
    }
    expect(pairing.observe('csms', decodeMessage('[3,"0",{}]'), 2000, 0)).toEqual(ORPHAN);
    expect(pairing.observe('csms', decodeMessage('[3,"1",{}]'), 2001, 0)).toMatchObject({ duplicate: true });
  });

  test('remembers an id by its last use', () => {
    const pairing = new Pairing();
    const exchange = (id: string, frame: number) => {
      pairing.observe('charger', decodeMessage(`[2,"${id}","A",{}]`), frame, 0);
      pairing.observe('csms', decodeMessage(`[3,"${id}",{}]`), 1000, 0);
    };
    for (let id = 0; id < 16; id++) exchange(`${id}`, id);
    exchange('0', 16);
    exchange('new', 17);
    expect(pairing.observe('csms', decodeMessage('[3,"0",{}]'), 2000, 0)).toMatchObject({ answers: 16 });
    expect(pairing.observe('csms', decodeMessage('[3,"1",{}]'), 2001, 0)).toEqual(ORPHAN);
  });

  test('forgets the oldest of more than 1,000 open calls, in order of arrival', () => {
    const pairing = new Pairing();
    const call = (id: string, frame: number) =>
      pairing.observe('charger', decodeMessage(`[2,"${id}","A",{}]`), frame, 0);
    const answer = (id: string) => pairing.observe('csms', decodeMessage(`[3,"${id}",{}]`), 0, 0).answers;
    call('same', 1);
    call('second', 2);
    call('same', 3);
    for (let frame = 4; frame <= 1_002; frame++) call(`id${frame}`, frame);
    expect(answer('second')).toBeNull();
    expect(answer('same')).toBe(3);
    expect(answer('id4')).toBe(4);
  });
});
