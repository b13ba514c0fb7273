import type { Command } from 'commander';
import type { WantedPair } from '../diff/session-pairs.ts';
import { ChargetapeError } from '../errors.ts';
import { parsePairs } from '../replay/pairs-file.ts';
import type { Reader } from '../session/recording.ts';
import { collect, oneSession } from './arguments.ts';
import { readText } from './input.ts';

/** The flags of `diff` that say which chargers are the same under two names. */
export interface PairOptions {
  pair?: string[];
  pairs?: string;
  oldRun?: string;
}

/** Adds the flags that say which chargers are the same under two names. */
export function withPairOptions(command: Command): Command {
  return command
    .option('--pair <baseline=candidate>', 'compare these two sessions; may be repeated', collect)
    .option('--pairs <file>', 'a list of such pairs: CSV baseline,candidate or a JSON object');
}

/** The pairs that the flags ask for. USAGE, NO_SUCH_FILE, BAD_LIST, NO_SUCH_SESSION, AMBIGUOUS_SESSION. */
export async function wantedPairsOf(
  baseline: Reader,
  candidate: Reader,
  { pair = [], pairs }: PairOptions,
): Promise<WantedPair[]> {
  const listed = pairs === undefined ? [] : parsePairs(readText(pairs), pairs, ['baseline', 'candidate']);
  const wanted: WantedPair[] = [];
  for (const [before, after] of [...pair.map(namesOf), ...listed]) {
    const [left, right] = [await oneSession(baseline, before), await oneSession(candidate, after)];
    if (wanted.some((one) => one.baseline === left.id || one.candidate === right.id))
      throw new ChargetapeError('USAGE', `One of ${before} and ${after} is in two pairs.`);
    wanted.push({ baseline: left.id, candidate: right.id });
  }
  return wanted;
}

/** Both names of `BASELINE=CANDIDATE`. USAGE. */
function namesOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new ChargetapeError('USAGE', `--pair takes BASELINE=CANDIDATE, not "${text}".`);
}
