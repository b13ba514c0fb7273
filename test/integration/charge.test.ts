import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

describe('chargetape charge', () => {
  it('ends when its time is over, whatever its chargers were about to do', async () => {
    const csms = await startTestCsms({});
    const out = join(temporaryFolder(), 'run.db');
    const fleet = ['--profile', 'abb-terra-ac', '--count', '10', '--pause', '20s', '--duration', '1s'];
    const held = ['--fault', 'delay:10m@0.5'];
    const finished = await chargetape(['charge', '--target', csms.url, '--out', out, ...fleet, ...held]);
    await csms.close();
    expect(finished.code, finished.stderr).toBe(0);
    expect(finished.stdout).toContain('10 chargers');
    expect(recordedValue(out, 'SELECT count(*) FROM connection WHERE status = 101')).toBe(10);
    expect(recordedValue(out, `SELECT count(*) FROM observation WHERE probe = 'fault'`)).not.toBe(0);
  });
});
