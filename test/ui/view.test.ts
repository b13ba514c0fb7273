import { expect, test } from 'vitest';
import { lineWidth } from '../../src/ui/line.ts';
import { type Command, reduce, START, type State } from '../../src/ui/state.ts';
import { View } from '../../src/ui/view.ts';
import { comparison, finding, typicalComparison } from './comparison-fixture.ts';

function after(view: View, ...commands: Command[]): State {
  return commands.reduce((state, command) => reduce(state, command, view), START);
}

function screen(view: View, ...commands: Command[]): string[] {
  return view.lines(after(view, ...commands)).map((spans) =>
    spans
      .map((span) => span.text)
      .join('')
      .trimEnd(),
  );
}

const SIZES = [
  { columns: 40, rows: 10 },
  { columns: 80, rows: 24 },
  { columns: 100, rows: 30 },
  { columns: 200, rows: 60 },
];

test.each(SIZES)(
  'every screen has as many lines as the terminal has rows at $columns×$rows, none too wide',
  (size) => {
    const view = new View(typicalComparison(), size);
    const ways: Command[][] = [
      [],
      ['open'],
      ['next', 'open'],
      ['next', 'next', 'open', 'raw'],
      ['last', 'open'],
      ['help'],
      ['summary'],
    ];
    for (const way of ways) {
      const lines = view.lines(after(view, ...way));
      expect(lines).toHaveLength(size.rows);
      if (size.columns >= 80)
        for (const spans of lines) expect(lineWidth(spans)).toBeLessThanOrEqual(size.columns);
    }
  },
);

test('the list says verdict, counts, what was not compared and what is incomplete', () => {
  const lines = screen(new View(typicalComparison(), { columns: 100, rows: 24 }));
  expect(lines[0]).toBe(' ! incomplete   4 findings  ▲ 2 high  ◆ 1 medium  · 1 low  ✓ 1 accepted or noise');
  expect(lines[1]).toBe(' 12 chargers · 1,340 exchanges · 18 commands · 4 not compared');
  expect(lines[2]).toBe(
    ' ! 2 chargers incomplete: ocpp/CP-9: waited 30 s for a transactionId (and 1 more: press i)',
  );
});

test('the selected finding is told below the list', () => {
  const lines = screen(new View(typicalComparison(), { columns: 80, rows: 24 }), 'next', 'next');
  expect(lines.find((text) => text.startsWith('▸'))).toMatch(
    /^▸ ◆ medium {3}field-changed +BootNotification +\/interval +×12 +2$/,
  );
  expect(lines.at(-4)).toBe(' The answer to BootNotification has another interval: 20 became 300.');
  expect(lines.at(-2)).toBe(' - 20  + 300');
});

test('a side without a value is said to be absent', () => {
  const { candidate: _, ...removed } = finding({ kind: 'field-removed' });
  const lines = screen(new View(comparison([removed]), { columns: 80, rows: 24 }));
  expect(lines.at(-2)).toBe(' - 20  + (absent)');
});

test('a wide character does not shift the columns after it', () => {
  const view = new View(comparison([finding({ action: '充電' }), finding({ action: 'Reset' })]), {
    columns: 80,
    rows: 24,
  });
  const rows = view.lines(START).filter((spans) => spans.some((span) => span.text.includes('medium ')));
  const widthsBeforePath = rows.map((spans) => {
    const text = spans.map((span) => span.text).join('');
    return lineWidth([{ text: text.slice(0, text.indexOf('/interval')) }]);
  });
  expect(widthsBeforePath).toHaveLength(2);
  expect(new Set(widthsBeforePath).size).toBe(1);
});

test('a list longer than the terminal shows the part around the selection', () => {
  const many = Array.from({ length: 300 }, (_, index) => finding({ action: `Action${index}` }));
  const view = new View(comparison(many), { columns: 80, rows: 24 });
  expect(screen(view).join('\n')).not.toContain('Action20 ');
  const end = screen(view, 'last').join('\n');
  expect(end).toMatch(/▸ .*Action299/);
  expect(end).toContain('300 of 300');
});

test('no findings are said plainly', () => {
  const lines = screen(new View(comparison([]), { columns: 80, rows: 24 }));
  expect(lines[0]).toBe(' ✓ same   0 findings');
  expect(lines.join('\n')).toContain(
    'No differences: the candidate answered and commanded as the baseline did.',
  );
});

test('no findings in an incomplete comparison are no all-clear', () => {
  const lines = screen(new View(comparison([], { verdict: 'incomplete' }), { columns: 80, rows: 24 }));
  expect(lines.join(' ')).toContain('But not everything could be');
});

test('wide terminals show the two payloads side by side', () => {
  const lines = screen(new View(typicalComparison(), { columns: 120, rows: 24 }), 'next', 'next', 'open');
  expect(lines.find((text) => text.includes('"interval"'))).toMatch(
    /^- {3}"interval": 20 +│\+ {3}"interval": 300$/,
  );
});

test('narrow terminals show one payload under the other', () => {
  const lines = screen(new View(typicalComparison(), { columns: 80, rows: 24 }), 'next', 'next', 'open');
  const at = lines.indexOf('-   "interval": 20');
  expect(lines[at + 1]).toBe('+   "interval": 300');
});

test('a frame that only one side has is shown, and its absence said', () => {
  const lines = screen(new View(typicalComparison(), { columns: 80, rows: 24 }), 'next', 'open').join('\n');
  expect(lines).toContain('(the candidate has nothing here)');
  expect(lines).toContain('frame 9 → none');
});

test('the exact text keeps its white space', () => {
  const lines = screen(new View(typicalComparison(), { columns: 80, rows: 24 }), 'next', 'open', 'raw').join(
    '\n',
  );
  expect(lines).toContain('- [2,"x",  "ChangeConfiguration",');
});

test('a long payload scrolls to its end, and the footer says how far', () => {
  const keys = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, index]));
  const text = JSON.stringify([3, 'a', keys]);
  const long = finding({ path: '', examples: [{ session: 's/1', baselineText: text, candidateText: text }] });
  const view = new View(comparison([long]), { columns: 80, rows: 24 });
  expect(screen(view, 'open').join('\n')).toContain('"key5"');
  expect(screen(view, 'open').at(-1)).toContain('1–19/507');
  const end = screen(view, 'open', 'last').join('\n');
  expect(end).toContain('"key499"');
  expect(end).toContain('489–507/507');
});

test('a finding without texts says that none were kept', () => {
  const lines = screen(new View(typicalComparison(), { columns: 80, rows: 24 }), 'last', 'open').join('\n');
  expect(lines).toContain('No text was kept for this finding.');
});

test('the summary gives reasons and every incomplete session', () => {
  const lines = screen(new View(typicalComparison(), { columns: 80, rows: 40 }), 'summary').join('\n');
  expect(lines).toContain('3  external command that nothing stimulated');
  expect(lines).toContain('ocpp/CP-10: the CSMS refused the connection');
});

test('the help shows the keys of the screen it was asked for on', () => {
  const view = new View(typicalComparison(), { columns: 80, rows: 40 });
  expect(screen(view, 'help').join('\n')).not.toContain('Tab');
  expect(screen(view, 'open', 'help').join('\n')).toContain('Tab           exact text or laid-out JSON');
});
