/** One frame near a finding. */
export interface Rung {
  /** From the finding's frame, µs; negative before it. */
  offsetUs: number;
  sender: 'charger' | 'csms';
  /** What it says, on one line. */
  text: string;
  /** Whether it is the frame that the finding is about. */
  here: boolean;
}

/** What passed around a finding's first example, in both recordings; a side where nothing was found is empty. */
export interface Surroundings {
  baseline: Rung[];
  candidate: Rung[];
}
