import { recordedFrames } from './recorded-frames.ts';

/** How many calls a charger of a recording had outstanding at once, at most: as it saw it, which is at least what its CSMS saw. */
export function recordedOutstanding(file: string): number {
  const open = new Map<number, Set<number>>();
  let most = 0;
  for (const { id, connection, sender, message_type, answers } of recordedFrames(file)) {
    const calls = open.get(connection) ?? new Set();
    open.set(connection, calls);
    if (sender === 'charger' && message_type === 'call') calls.add(id);
    if (sender === 'csms' && answers !== null) calls.delete(answers);
    most = Math.max(most, calls.size);
  }
  return most;
}
