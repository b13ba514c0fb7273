/** What a hook may know of a message that is about to be sent. */
export interface HookContext {
  /** Identity and endpoint as recorded. */
  identity: string;
  endpoint: string;
  /** A call of the charger, or its answer to a command. */
  kind: 'call' | 'answer';
  action: string;
  /** Recorded text that the message comes from; null for one that has none. */
  recorded: string | null;
  /** Exact JSON text of the live id that stands for a recorded one, such as `liveId('transactionId', 4711)`; null when none does. */
  liveId(idClass: string, recorded: string | number | bigint): string | null;
}

/** What `--hook FILE` exports: may give another text for a message, or nothing to send it as it is. */
export type Hook = (message: string, context: HookContext) => string | undefined;

/** The text that a hook wants sent. Throws what the hook throws, and TypeError when it gives anything but a text or nothing. */
export function hooked(hook: Hook, message: string, context: HookContext): string {
  const given: unknown = hook(message, context);
  if (given === undefined) return message;
  if (typeof given === 'string') return given;
  const what = given instanceof Promise ? 'a promise' : `a ${given === null ? 'null' : typeof given}`;
  throw new TypeError(`onSend gave ${what} instead of a text`);
}
