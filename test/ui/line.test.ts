import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible } from '../../src/session/visible.ts';
import { cellWidth, splitAt } from '../../src/ui/cells.ts';
import { fit, fitText, line, lineWidth, wrap, wrapWords } from '../../src/ui/line.ts';

const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })).map(visible);

test('wide characters and emoji take two columns, combining marks none', () => {
  expect(cellWidth('Wallbox')).toBe(7);
  expect(cellWidth('充電器')).toBe(6);
  expect(cellWidth('🔌')).toBe(2);
  expect(cellWidth('👩‍👩‍👧')).toBe(2);
  expect(cellWidth('e\u0301')).toBe(1);
  expect(cellWidth('→ ▲ │ …')).toBe(7);
});

test('a text is never cut through a wide character', () => {
  expect(splitAt('充電器', 3)).toEqual(['充', '電器']);
});

test('a line is fitted to exactly the width asked for', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, width) => {
      expect(lineWidth(fit(line(text), width))).toBe(width);
    }),
  );
});

test('wrapping loses nothing and no part is too wide', () => {
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 2, max: 40 }), (left, right, width) => {
      const rows = wrap([{ text: left }, { text: right, mark: true }], width);
      expect(
        rows
          .flat()
          .map((span) => span.text)
          .join(''),
      ).toBe(left + right);
      for (const row of rows) expect(lineWidth(row)).toBeLessThanOrEqual(width);
    }),
  );
});

test('what is cut ends with an ellipsis', () => {
  expect(fitText('StartTransaction', 8)).toBe('StartTr…');
  expect(fitText('充電器', 4)).toBe('充… ');
});

test('prose breaks at blanks, and a word longer than a line anywhere', () => {
  expect(wrapWords('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrapWords('a 1234567890', 5)).toEqual(['a', '12345', '67890']);
});

test('what could move the cursor or hide something is written as an escape', () => {
  expect(visible('a\u001b[2Jb\u202ec\u200b\u009bd\ue000')).toBe('a\\u001b[2Jb\\u202ec\\u200b\\u009bd\ue000');
  expect(visible('👩‍👩‍👧')).toBe('👩‍👩‍👧');
});
