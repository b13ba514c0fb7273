import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { rehearse } from './rehearsal.ts';
import { FLOWS } from './vendor-flows.ts';

/** A session of the corpus: its path in `fixtures/sessions`, and the capture. */
export interface VendorSession {
  profile: string;
  flow: string;
  file: string;
  text: string;
}

/** Every flow of every profile. Each is a charger of its own: its number counts the flows. */
export function vendorSessions(): VendorSession[] {
  return profileNames().flatMap((profile, profileIndex) => {
    const made = readProfile(profile);
    return FLOWS.map((flow, index) => {
      const lines = rehearse(made, flow, { number: index + 1, seed: profileIndex * 1000 + index });
      const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
      return { profile, flow: flow.name, file: `${profile}/${flow.name}.jsonl`, text };
    });
  });
}
