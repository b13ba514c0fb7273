import type { Outgoing } from './outgoing.ts';

/** An answer or pong that a live connection is owed, and that waits for its time. */
export interface Debt {
  socket: number;
  frame: Outgoing;
}

/** What a virtual charger owes the CSMS, in the order it was decided on. */
export class Debts {
  #debts: Debt[] = [];

  /** Notes a frame to be sent when it is due. */
  owe(socket: number, frame: Outgoing): void {
    this.#debts.push({ socket, frame });
  }

  /** Takes out what is due. */
  due(nowUs: number): Debt[] {
    const due = this.#debts.filter(({ frame }) => frame.scheduledUs <= nowUs);
    if (due.length > 0) this.#debts = this.#debts.filter(({ frame }) => frame.scheduledUs > nowUs);
    return due;
  }

  /** The connection is over: it is owed nothing any more. */
  forget(socket: number): void {
    this.#debts = this.#debts.filter((debt) => debt.socket !== socket);
  }

  /** When the next debt is due, of one connection or of all, µs; infinite when there is none. */
  nextUs(socket?: number): number {
    let nextUs = Number.POSITIVE_INFINITY;
    for (const debt of this.#debts) {
      if (socket === undefined || debt.socket === socket) nextUs = Math.min(nextUs, debt.frame.scheduledUs);
    }
    return nextUs;
  }
}
