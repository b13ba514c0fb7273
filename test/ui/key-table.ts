import { KEYS } from '../../src/ui/keys.ts';
import { SCREENS } from '../../src/ui/screen-names.ts';

/** The key table as the README has it: one row a key, one column a screen. `node test/ui/key-table.ts` prints it. */
export function keyTable(): string {
  const head = `| key | what it does | ${SCREENS.join(' | ')} |`;
  const rule = `| --- | --- | ${SCREENS.map(() => '---').join(' | ')} |`;
  const rows = KEYS.map(({ label, does, on }) => {
    const cells = SCREENS.map((screen) => (on.includes(screen) ? '•' : ''));
    return `| ${label} | ${does} | ${cells.join(' | ')} |`;
  });
  return [head, rule, ...rows].join('\n');
}

if (import.meta.main) process.stdout.write(`${keyTable()}\n`);
