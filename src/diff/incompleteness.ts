import type { Gap, Outcome, Reader } from '../session/recording.ts';
import type { IncompleteSession } from './finding.ts';
import type { Lane } from './lane.ts';
import type { Observed } from './observations.ts';

/** One side's own account of what it lacks. */
interface Account {
  side: 'baseline' | 'candidate';
  outcomes: Map<number, Outcome>;
  gaps: readonly Gap[];
}

/** Collects which sessions did not run to their end or were not recorded whole, and why; any of them makes the verdict `incomplete`. */
export class Incompleteness {
  readonly #reasons = new Map<string, Set<string>>();
  readonly #accounts: readonly Account[];

  private constructor(accounts: readonly Account[]) {
    this.#accounts = accounts;
  }

  /** Reads outcomes and gaps of both recordings. */
  static async of(baseline: Reader, candidate: Reader): Promise<Incompleteness> {
    const incomplete = new Incompleteness([
      await accountOf('baseline', baseline),
      await accountOf('candidate', candidate),
    ]);
    for (const [side, { recording }] of [
      ['baseline', baseline],
      ['candidate', candidate],
    ] as const)
      if (recording.kind === 'run' && recording.endedAtUs === null)
        incomplete.add('*', `the ${side} stopped before its end`);
    for (const { side, gaps } of incomplete.#accounts)
      for (const gap of gaps.filter(({ connection }) => connection === null))
        incomplete.add('*', gapInWords(side, gap));
    return incomplete;
  }

  /** Notes a reason; `*` stands for all sessions. */
  add(session: string, reason: string): void {
    this.#reasons.set(session, (this.#reasons.get(session) ?? new Set()).add(reason));
  }

  /** Notes what these two sessions lack. */
  check(session: string, lanes: { baseline: Lane; candidate: Lane }): void {
    for (const account of this.#accounts) {
      const lane = lanes[account.side];
      const reason = outcomeInWords(account, lane);
      if (reason !== null) this.add(session, reason);
      for (const gap of account.gaps)
        if (gap.connection !== null && lane.connections.has(gap.connection))
          this.add(session, gapInWords(account.side, gap));
    }
  }

  /** Notes each probe that saw nothing: what it was to look at is not known. */
  checkProbes(session: string, observed: Observed): void {
    for (const side of ['baseline', 'candidate'] as const)
      for (const { probe, failure } of observed[side])
        if (failure !== null) this.add(session, `the ${side}'s probe ${probe} failed: ${failure}`);
  }

  /** Whether nothing is known to lack in a session. */
  isComplete(session: string): boolean {
    return !this.#reasons.has(session) && !this.#reasons.has('*');
  }

  /** All incomplete sessions, by name; several reasons of one are joined. */
  sessions(): IncompleteSession[] {
    return [...this.#reasons]
      .map(([session, reasons]) => ({ session, reason: [...reasons].join('; ') }))
      .sort((a, b) => (a.session < b.session ? -1 : 1));
  }
}

async function accountOf(side: Account['side'], reader: Reader): Promise<Account> {
  const outcomes = await reader.outcomes();
  return {
    side,
    outcomes: new Map(outcomes.map((outcome) => [outcome.session, outcome])),
    gaps: await reader.gaps(),
  };
}

/** Why a run's session is not complete; null when it is, and for what is no run. */
function outcomeInWords({ side, outcomes }: Account, { recording, session }: Lane): string | null {
  if (recording.kind !== 'run') return null;
  const outcome = outcomes.get(session.id);
  if (outcome === undefined) return `the ${side} stopped before its end`;
  return outcome.complete ? null : (outcome.reason ?? `the ${side} says no reason`);
}

function gapInWords(side: Account['side'], { frames, reason }: Gap): string {
  return `the ${side} has a gap of ${frames} frames: ${reason}`;
}
