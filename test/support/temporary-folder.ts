import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone when the test is over. A concurrent test gives its own context's `onTestFinished`. */
export function temporaryFolder(whenFinished: (clean: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'chargetape-'));
  whenFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
