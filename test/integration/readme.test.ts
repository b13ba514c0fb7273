import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellEnvironment } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

interface Example {
  command: string;
  /** What the README shows that it prints; nothing when the README shows nothing. */
  output: string;
}

/** Every `$ chargetape …` of the README, with what stands beneath it. */
function examples(): Example[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```\n(\$ [\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((text) => {
      const [command = '', ...output] = text.split('\n');
      return { command, output: output.join('\n') };
    });
}

const filesOf = ({ command }: Example): string[] => command.match(/\S+\.(?:db|jsonl)\b/g) ?? [];

/** Those that begin with a capture of the repository: whoever types them sees the same. Imports come first. */
function repeatable(): Example[] {
  const all = examples();
  const imports = all.filter(({ command }) => command.startsWith('chargetape import '));
  const made = new Set(imports.map(({ command }) => / --out (\S+)/.exec(command)?.[1]));
  const reads = ({ command }: Example) => /^chargetape (show|diff|cut) /.test(command);
  const rest = all.filter((one) => reads(one) && made.has(filesOf(one)[0]));
  return [...imports, ...rest];
}

describe('README.md', () => {
  it('shows what its examples print, where whoever types them has the files', () => {
    const folder = temporaryFolder();
    symlinkSync(join(root, 'fixtures'), join(folder, 'fixtures'));
    const env = shellEnvironment({ LANG: 'C.UTF-8', TZ: 'UTC' });
    const shown = repeatable();
    const printed = shown.map(({ command, output }) => {
      const line = `${command}; test $? -lt 2`;
      const real = execFileSync('bash', ['-c', line], { cwd: folder, env, encoding: 'utf8' });
      return { command, output: output && real };
    });
    const unnamed = ({ command, output }: Example) => ({ command, output: output.replace(UUID, 'UUID') });
    expect(printed.map(unnamed)).toEqual(shown.map(unnamed));
    expect(shown.length).toBeGreaterThan(5);
  });
});
