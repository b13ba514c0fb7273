import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine, EXIT_CODES } from '../src/cli/program.ts';
import { ERRORS } from '../src/errors.ts';
import { FrameFlag } from '../src/session/frame.ts';
import { keyTable } from './ui/key-table.ts';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
const program = await commandLine(async () => {});

/** The text of one section of the README, up to the next heading of the same depth. */
function section(heading: string): string {
  const start = readme.indexOf(`\n${heading}\n`);
  expect(start, `README.md has a section "${heading}"`).toBeGreaterThanOrEqual(0);
  const depth = heading.indexOf(' ');
  const next = readme.slice(start + heading.length + 1).search(new RegExp(`\\n#{1,${depth}} `));
  return next < 0 ? readme.slice(start) : readme.slice(start, start + heading.length + 1 + next);
}

describe('README.md', () => {
  it.each(program.commands.map((command) => [command.name(), command] as const))(
    'documents `chargetape %s` with an example and every option',
    (name, command) => {
      const text = section(`### chargetape ${name}`);
      expect(text).toContain(`\n$ chargetape ${name} `.trimEnd());
      const missing = command.options
        .map((option) => option.long)
        .filter((long) => long && !text.includes(long));
      expect(missing).toEqual([]);
    },
  );

  it('documents no option that does not exist', () => {
    const known = new Set(
      program.commands.flatMap((command) => command.options.map((option) => option.long)),
    );
    const commands = section('## Commands');
    const named = [...commands.matchAll(/`(--[a-z-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((long) => !known.has(long) && long !== '--help' && long !== '--version')).toEqual([]);
  });

  it('gives every command a description and a help text for every option', () => {
    for (const command of program.commands) {
      expect(command.description(), command.name()).not.toBe('');
      for (const option of command.options) expect(option.description, option.long ?? '').not.toBe('');
    }
  });

  it('lists every error code with its exit code', () => {
    const table = section('## Errors');
    const missing = Object.entries(ERRORS).filter(
      ([code, { exit }]) => !table.includes(`| \`${code}\` | ${exit} |`),
    );
    expect(missing).toEqual([]);
    const named = [...table.matchAll(/\| `([A-Z_]+)` \|/g)].map((match) => match[1] ?? '');
    expect(named.filter((code) => !(code in ERRORS))).toEqual([]);
  });

  it('lists every exit code', () => {
    const table = section('## Exit codes');
    for (const code of Object.keys(EXIT_CODES)) expect(table).toContain(`| ${code} |`);
  });

  it('has the key table of the screens as it is (node test/ui/key-table.ts prints it)', () => {
    expect(section('### The screens')).toContain(keyTable());
  });

  it('lists every frame flag with its bit', () => {
    const table = readFileSync(resolve(root, 'recordings/README.md'), 'utf8');
    for (const [name, bit] of Object.entries(FrameFlag)) expect(table).toContain(`| ${bit} | ${name} |`);
  });
});

describe('package.json', () => {
  it('has the two commands of the README', () => {
    const scripts = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')).scripts;
    for (const name of ['demo', 'test']) expect(scripts).toHaveProperty(name);
    expect(readme).toContain('npm ci && npm run demo');
    expect(readme).toContain('npm ci && npm test');
  });
});
