import type { Protocol } from '../ocpp/protocol.ts';
import type { Connection } from '../session/connection.ts';
import type { Departure } from '../session/recording.ts';
import type { ChargerFacts } from './finding.ts';
import type { IdMap } from './id-map.ts';
import type { Lane } from './lane.ts';
import type { Latencies } from './latencies.ts';
import type { Misdirected } from './misdirected.ts';
import type { Silence } from './silence.ts';
import type { Occurrence, Tally } from './tally.ts';

/** Everything that comparing one pair of sessions needs. */
export interface Scope {
  baseline: Lane;
  candidate: Lane;
  /** Whether replay links say which frame is which. */
  linked: boolean;
  /** Whether neither side is a run: the charger of each said what it said by itself. */
  ofCaptures: boolean;
  /** Whether the candidate's session ran to its end, as far as is known. */
  complete: boolean;
  protocol: Protocol;
  ids: IdMap;
  tally: Tally;
  /** Answers that went astray, over all sessions. */
  misdirected: Misdirected;
  /** How long answers take, over all sessions. */
  latencies: Latencies;
  /** Where the candidate, as a run of the baseline, departs from it, by frame of the baseline. */
  departures: ReadonlyMap<number, Departure>;
  /** Where the candidate's CSMS says nothing more. */
  silence: Silence;
  /** `endpoint/identity`. */
  session: string;
}

/** What became of the baseline's connections in the candidate. */
export interface Fates {
  /** The candidate's connection, by the baseline's id; absent when there is none, or its handshake went otherwise. */
  counterparts: Map<number, Connection>;
  /** The baseline's id, by the candidate's. */
  originals: Map<number, number>;
  /** Connections of the candidate that the CSMS ended though the baseline's CSMS did not, or not so. */
  cut: Set<number>;
}

/** Takes a difference of this pair of sessions and gives its finding's id. */
export function report(scope: Scope, occurrence: Omit<Occurrence, 'session' | 'charger'>): string {
  return scope.tally.add({ ...occurrence, session: scope.session, charger: chargerOf(scope) });
}

/** What the charger of these sessions said that it is, in the baseline if it did there. */
export function chargerOf({ baseline, candidate }: Scope): ChargerFacts {
  const { vendor, model, firmware } = baseline.session.vendor === null ? candidate.session : baseline.session;
  return { vendor, model, firmware };
}
