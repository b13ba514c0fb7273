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

  it('counts where the CSMS does not keep to OCPP', async () => {
    const csms = await startTestCsms({
      switches: ['orphan-answer', 'boot-interval-string', 'boot-extra-field'],
    });
    const out = join(temporaryFolder(), 'run.db');
    const fleet = ['--profile', 'keba-m20', '--count', '3', '--no-people', '--duration', '1s'];
    const args = ['charge', '--target', csms.url, '--out', out, ...fleet];
    const { stdout, code } = await chargetape([...args, '--json']);
    await csms.close();
    expect(code).toBe(0);
    expect(JSON.parse(stdout).conformance).toEqual({
      malformed: 0,
      unasked: 3,
      unanswered: {},
      invalid: { 'BootNotification result /heartbeatInterval': 3, 'BootNotification result /interval': 3 },
    });
  });
});
