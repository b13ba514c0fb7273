import type { Comparison } from '../diff/finding.ts';
import type { Surroundings } from '../diff/surroundings.ts';
import type { Binding } from '../session/recording.ts';

/** What screens have done for them by who started them; each resolves with a sentence to be told. */
export interface RecordingDeeds {
  /** Copies sessions into a recording of their own. */
  cut(sessions: readonly number[]): Promise<string>;
  /** Writes a text beside the recording. */
  write(name: string, text: string): Promise<string>;
}

/** What the findings screens have done for them. */
export interface FindingDeeds {
  /** What passed around a finding's first example. */
  around(finding: string): Promise<Surroundings | null>;
  /** Ids and names of a session (`endpoint/identity`) that were mapped, as the run has them. */
  bindings(session: string): Promise<Binding[]>;
  /** Writes the HTML report. */
  report(comparison: Comparison): Promise<string>;
  write(name: string, text: string): Promise<string>;
  /** The file of rules, which decisions go to. */
  rules: RulesFile;
  /** The two recordings, as a command line names them. */
  files: { baseline: string; candidate: string };
}

/** A file of rules as the screen edits it; throws ChargetapeError when it cannot be read or written. */
export interface RulesFile {
  path: string;
  /** Its text; empty when there is none yet. */
  read(): string;
  write(text: string): void;
  author: string | null;
  /** What is compared, as an acceptance says it. */
  builds: string;
  today: string;
}
