import { describe, expect, it } from 'vitest';
import { killRound } from '../support/kill-round.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('kill -9 in the middle of load', () => {
  it.each([
    ['plain', false, 2],
    ['with TLS on both legs', true, 1],
  ])('loses no frame that a far end has received, %s', async (_, secured, rounds) => {
    for (let round = 0; round < rounds; round++) {
      const answersBeforeKill = 3000 + Math.floor(Math.random() * 5000);
      const { received, missing, integrity, expired } = await killRound(temporaryFolder(), {
        connections: 100,
        outstanding: 20,
        answersBeforeKill,
        secured,
      });
      expect(integrity).toBe('ok');
      expect(received).toBeGreaterThan(answersBeforeKill);
      if (!expired) expect(missing).toEqual([]);
    }
  });
});
