import type { DefaultAnswer } from '../ocpp/protocol.ts';

/** What a charger says to a command, and does once that is said. */
export interface Obedience {
  answer: DefaultAnswer & { description?: string };
  after?: () => void;
}

/** A status as the whole answer. */
export function status(value: string, after?: () => void): Obedience {
  return { answer: { result: { status: value } }, ...(after && { after }) };
}
