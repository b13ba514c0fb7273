import type { Terminal } from '../support/terminal.ts';

const CELL = { width: 8.4, height: 18 };
const COLOURS = ['#2e3436', '#ef5350', '#66bb6a', '#fbc02d', '#64b5f6', '#ba68c8', '#4dd0e1', '#d3d7cf'];
const GROUND = '#1c1f24';
const TEXT = '#d7dae0';

/** The screen of a terminal as an SVG picture. */
export function pictureOf(terminal: Terminal): string {
  const { columns, rows, cells } = terminal.cells();
  const [width, height] = [Math.ceil(columns * CELL.width) + 16, rows * CELL.height + 16];
  const shapes: string[] = [];
  for (const { row, column, text, span, colour, isBold, isDim, isInverse } of cells) {
    const [x, y] = [(8 + column * CELL.width).toFixed(1), 8 + row * CELL.height];
    const ink = colour === null ? TEXT : (COLOURS[colour % 8] ?? TEXT);
    if (isInverse)
      shapes.push(
        `<rect x="${x}" y="${y}" width="${(span * CELL.width).toFixed(1)}" height="${CELL.height}" fill="${ink}"/>`,
      );
    if (text.trim() === '') continue;
    const look = `fill="${isInverse ? GROUND : ink}"${isBold ? ' font-weight="bold"' : ''}${isDim ? ' opacity="0.6"' : ''}`;
    shapes.push(
      `<text x="${x}" y="${y + 13.5}" textLength="${(span * CELL.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs" ${look}>${escaped(text)}</text>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14"><style>text{white-space:pre}</style><rect width="${width}" height="${height}" rx="6" fill="${GROUND}"/>\n${shapes.join('\n')}\n</svg>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
