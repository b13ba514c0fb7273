import type { Answer, Behaviour, ChargerCall, Command, Outgoing } from './csms-behaviour.ts';
import type { ChargerLog, Payload, ReceivedCall } from './csms-judge.ts';

/** One finding that a regression must cause. */
export interface Expected {
  kind: string;
  caller: 'charger' | 'csms' | null;
  action: string | null;
  path: string;
  /** How often it occurs in one charger's session, from the log that the unchanged build kept of it. */
  count(log: ChargerLog): number;
}

/** One change to the base build of the test CSMS. Harmless ones expect nothing. */
export interface Switch {
  name: string;
  change(base: Behaviour): Partial<Behaviour>;
  expected: readonly Expected[];
  /** The sessions cannot be finished: the run is incomplete and exits 3. */
  incomplete?: true;
}

/** A finding as a comparison must report it. */
export interface ExpectedFinding extends Omit<Expected, 'count'> {
  count: number;
  /** Sorted `endpoint/identity`. */
  sessions: string[];
}

/** The findings that a switch must cause in a comparison, from the logs that the unchanged build kept of the same chargers. */
export function expectedFindings(one: Switch, logs: readonly ChargerLog[]): ExpectedFinding[] {
  return one.expected.flatMap(({ count, ...finding }) => {
    const touched = logs.filter((log) => count(log) > 0);
    const total = touched.reduce((sum, log) => sum + count(log), 0);
    const sessions = touched.map(({ session }) => session).sort();
    return total === 0 ? [] : [{ ...finding, count: total, sessions }];
  });
}

/** Counts the calls of a charger that meet a condition. */
export const calls =
  (met: (call: ReceivedCall) => boolean) =>
  (log: ChargerLog): number =>
    log.calls.filter(met).length;

/** Counts the calls of one action, the answered ones and the others. */
export const each = (action: string) => calls((call) => call.action === action);

/** Changes the result of one action; what returns null stays as it is. */
export const result =
  (action: string, change: (result: Payload, call: ChargerCall) => Payload | null) =>
  (base: Behaviour): Partial<Behaviour> =>
    answer(action, (old, call) =>
      'result' in old ? { result: change(old.result, call) ?? old.result } : old,
    )(base);

/** Changes the whole answer to one action. */
export const answer =
  (action: string, change: (answer: Exclude<Answer, 'silence'>, call: ChargerCall) => Answer) =>
  (base: Behaviour): Partial<Behaviour> => ({
    answer(call) {
      const old = base.answer(call);
      return call.action === action && old !== 'silence' ? change(old, call) : old;
    },
  });

/** Changes a result's field; undefined removes it. */
export const field = (action: string, name: string, change: (old: unknown) => unknown) =>
  result(action, (old) => withField(old, name, change));

/** Changes a field of a result's `idTagInfo`; undefined removes it. */
export const idTagField = (action: string, name: string, change: (old: unknown) => unknown) =>
  field(action, 'idTagInfo', (old) => withField(old as Payload, name, change));

/** A copy with one field changed, or removed when the change gives undefined. */
export function withField(old: Payload, name: string, change: (old: unknown) => unknown): Payload {
  const { [name]: value, ...rest } = old;
  const changed = change(value);
  if (changed === undefined) return rest;
  return name in old
    ? Object.fromEntries(Object.entries(old).map(([key, one]) => [key, key === name ? changed : one]))
    : { ...old, [name]: changed };
}

/** Changes the commands that follow the answer to one action. */
export const reactions =
  (action: string, change: (commands: Command[], call: ChargerCall) => Command[]) =>
  (base: Behaviour): Partial<Behaviour> => ({
    reactions(call, given) {
      const commands = base.reactions(call, given);
      return call.action === action ? change(commands, call) : commands;
    },
  });

/** Changes the payload of one command. */
export const command =
  (action: string, change: (payload: Payload) => Payload) =>
  (base: Behaviour): Partial<Behaviour> => ({
    reactions: (call, given) =>
      base
        .reactions(call, given)
        .map((one) => (one.action === action ? { action, payload: change(one.payload) } : one)),
  });

/** Changes how the answers to one action are written. */
export const answerTexts =
  (action: string, change: (texts: string[], outgoing: Outgoing) => string[]) =>
  (base: Behaviour): Partial<Behaviour> => ({
    texts(outgoing) {
      const texts = base.texts(outgoing);
      return outgoing.message[0] !== 2 && outgoing.action === action ? change(texts, outgoing) : texts;
    },
  });

type Change = Switch['change'];
type Count = Expected['count'];

/** A regression seen in the answers to one action of the charger. */
export const answered = (
  name: string,
  kind: string,
  action: string,
  path: string,
  change: Change,
  count?: Count,
): Switch => ({
  name,
  change,
  expected: [{ kind, caller: 'charger', action, path, count: count ?? each(action) }],
});

/** A regression seen in one command of the CSMS. */
export const commanded = (
  name: string,
  kind: string,
  action: string,
  path: string,
  change: Change,
  count: Count,
): Switch => ({
  name,
  change,
  expected: [{ kind, caller: 'csms', action, path, count }],
});

/** A regression seen in the connections themselves. */
export const connected = (name: string, kind: string, change: Change, count: Count, path = ''): Switch => ({
  name,
  change,
  expected: [{ kind, caller: null, action: null, path, count }],
});

/** Sends the answers to one action so much later, ms. */
export const delayed =
  (action: string, ms: number) =>
  (base: Behaviour): Partial<Behaviour> => ({
    delayMs: (outgoing) =>
      outgoing.message[0] !== 2 && outgoing.action === action ? ms : base.delayMs(outgoing),
  });
