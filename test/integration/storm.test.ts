import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startThrottledCsms } from '../support/throttled-csms.ts';

test('a fleet that comes faster than the CSMS accepts is back when it may, and each refusal is told as the CSMS’s', async () => {
  const csms = await startThrottledCsms(10, [1, 2]);
  let seen: Awaited<ReturnType<typeof csms.end>> | undefined;
  onTestFinished(async () => void (seen ?? (await csms.end())));
  const out = join(temporaryFolder(), 'run.db');
  const fleet = ['--profile', 'tritium-rt50', '--count', '25', '--no-people', '--duration', '12s'];
  const { stdout, stderr, code } = await chargetape([
    'charge',
    '--target',
    csms.url,
    '--out',
    out,
    ...fleet,
    '--json',
  ]);
  const report = JSON.parse(stdout);
  seen = await csms.end();
  expect(code).toBe(0);
  expect(seen.refused).toBeGreaterThan(0);
  expect(seen.mostInASecond).toBe(10);
  expect(stderr.trim().split('\n').at(-1)).toContain(`ms; ${seen.refused} refused with 503`);
  expect(report).toMatchObject({
    online: 25,
    connections: { opened: seen.accepted, lost: 0, unreachable: 0, refused: { 503: seen.refused } },
  });
});
