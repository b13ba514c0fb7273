/** Some lines at the bottom of a terminal that are written over, again and again. What others write meanwhile stands above them. */
export class LiveBlock {
  /** Shows these lines instead of those before; cut to what the terminal has room for. */
  show(lines: readonly string[]): void {
    const { columns = 80, rows = 24 } = process.stderr;
    const shown = lines.slice(0, rows - 2).map((line) => line.slice(0, columns - 1));
    // The cursor goes back to the first line, so that another text takes its place.
    process.stderr.write(`\r\x1b[J${shown.join('\n')}\r${up(shown.length - 1)}`);
  }

  /** Takes them away. */
  clear(): void {
    process.stderr.write('\r\x1b[J');
  }
}

function up(lines: number): string {
  return lines > 0 ? `\x1b[${lines}A` : '';
}
