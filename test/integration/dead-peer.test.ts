import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SCRIPT = new URL('../support/cut-off-charger.ts', import.meta.url).pathname;
const link = ['ip', 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1'];
const canCutOff = spawnSync('unshare', ['-rn', ...link]).status === 0;

describe('a charger that vanishes without a word', () => {
  it.skipIf(!canCutOff)(
    'is a reset to the CSMS, once its probes stay unanswered (needs unshare and ip)',
    async () => {
      const file = join(temporaryFolder(), 'cut-off.db');
      const { stdout } = await promisify(execFile)('unshare', ['-rn', process.execPath, SCRIPT, file]);
      const { ending, seconds } = JSON.parse(stdout);
      expect(ending).toBe('reset');
      expect(seconds).toBeGreaterThan(1);
      expect(seconds).toBeLessThan(30);
      expect(recordedValue(file, "SELECT ended_by || ' ' || ending FROM connection")).toBe('charger reset');
    },
  );
});
