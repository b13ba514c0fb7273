import { connectionOf, type Exchange, type Lane } from './lane.ts';

/** Where the CSMS of a session fell silent for good: the first call on a connection after which it says nothing there any more. */
export class Silence {
  readonly #first = new Map<number, Exchange>();
  readonly #findings = new Map<number, string>();

  constructor({ exchanges, strays }: Lane) {
    const last = new Map<number, number>();
    const heard = (connection: number, id: number) =>
      last.set(connection, Math.max(id, last.get(connection) ?? 0));
    for (const { frame } of strays) heard(frame.connection, frame.id);
    for (const { caller, call, answers } of exchanges)
      for (const { connection, id } of caller === 'csms' ? [call] : answers) heard(connection, id);
    for (const exchange of exchanges) {
      const { frame } = exchange.call;
      if (exchange.caller === 'csms' || frame.id < (last.get(frame.connection) ?? 0)) continue;
      const first = this.#first.get(frame.connection);
      if (first === undefined || frame.id < first.call.frame.id) this.#first.set(frame.connection, exchange);
    }
  }

  /** Notes the finding that tells of an unanswered call; what follows the first one of its connection follows from it. */
  told(exchange: Exchange, finding: string): void {
    const connection = connectionOf(exchange);
    if (this.#first.get(connection) === exchange) this.#findings.set(connection, finding);
  }

  /** The finding that the lack of an answer to this call follows from; undefined for none. */
  causeOf(exchange: Exchange): string | undefined {
    const connection = connectionOf(exchange);
    const first = this.#first.get(connection);
    if (first === undefined || first.call.frame.id >= exchange.call.frame.id) return undefined;
    return this.#findings.get(connection);
  }
}
