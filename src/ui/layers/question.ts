import { type Line, line } from '../line.ts';
import type { Desk, Layer, Size } from '../screen.ts';

/** An answer to a question: its key, what it means, and what it does. */
export interface Answer {
  key: string;
  says: string;
  run(): void;
}

/** A question in two lines; Esc leaves everything as it is. */
export class Question implements Layer {
  readonly name = 'ask';
  readonly isPage = false;
  readonly #desk: Desk;
  readonly #text: string;
  readonly #answers: readonly Answer[];

  constructor(desk: Desk, text: string, answers: readonly Answer[]) {
    this.#desk = desk;
    this.#text = text;
    this.#answers = answers;
  }

  lines({ columns }: Size): Line[] {
    const answers = [...this.#answers, { key: 'Esc', says: 'go on' }];
    return [
      line('─'.repeat(columns), { tone: 'quiet' }),
      line(` ${this.#text}`, { strong: true }),
      answers.flatMap(({ key, says }) => [
        { text: ` ${key} `, tone: 'accent' as const, strong: true },
        { text: `${says}  ` },
      ]),
    ];
  }

  press(key: string): void {
    const answer = this.#answers.find((one) => one.key === key);
    if (!answer && key !== 'escape') return;
    this.#desk.lift();
    answer?.run();
  }
}
