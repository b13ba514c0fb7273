import type { Command } from './keys.ts';

/** A selection in a list that is longer than the screen, and the part that is shown. */
export class ListWindow {
  selected = 0;
  top = 0;

  /** Moves the selection; false when the command moves nothing, or it stands at the end already. */
  move(command: Command, rows: number, total: number): boolean {
    const step = stepOf(command, rows);
    return step !== null && this.select(this.selected + step, rows, total);
  }

  /** Selects a row; the window moves as little as it can. False when it was selected already. */
  select(index: number, rows: number, total: number): boolean {
    const before = this.selected;
    this.selected = clamp(index, 0, Math.max(0, total - 1));
    this.fit(rows, total);
    return this.selected !== before;
  }

  /** Keeps selection and window inside a list or screen that has become smaller. */
  fit(rows: number, total: number): void {
    this.selected = clamp(this.selected, 0, Math.max(0, total - 1));
    this.top = clamp(clamp(this.top, this.selected - rows + 1, this.selected), 0, Math.max(0, total - rows));
  }
}

/** A window over a page of lines. */
export class PageWindow {
  top = 0;

  /** Moves the window; false when the command moves nothing. */
  move(command: Command, rows: number, total: number): boolean {
    const step = stepOf(command, rows);
    if (step === null) return false;
    this.top = clamp(this.top + step, 0, Math.max(0, total - rows));
    return true;
  }

  /** Where the window stands, such as `1–20/300`; empty when all is shown. */
  position(rows: number, total: number): string {
    const top = clamp(this.top, 0, Math.max(0, total - rows));
    return total <= rows ? '' : `${top + 1}–${Math.min(top + rows, total)}/${total}`;
  }
}

/** How many rows a command moves on a screen of so many; null for one that moves nothing. */
function stepOf(command: Command, rows: number): number | null {
  const page = Math.max(1, rows - 1);
  const steps: Partial<Record<Command, number>> = {
    ...{ up: -1, down: 1, pageUp: -page, pageDown: page },
    ...{ first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY },
  };
  return steps[command] ?? null;
}

function clamp(value: number, from: number, to: number): number {
  return Math.max(from, Math.min(to, value));
}
