import type { RedialModel } from '../load/redial.ts';
import type { Session } from '../session/recording.ts';
import { profileNames, readProfile } from './profile-file.ts';

/** How a charger comes back whose make no profile knows: later each time, up to half a minute (inferred). */
const USUAL: RedialModel = { delays: [1, 2, 4, 8, 16, 30], jitter: 2 };

/** How recorded chargers come back after a lost connection: each as the profile of its vendor has it, that of its very model if there is one. */
export function redialModels(): (session: Pick<Session, 'vendor' | 'model'>) => RedialModel {
  const makes = profileNames().map((name) => {
    const { boot, redial } = readProfile(name);
    return { vendor: plain(boot.chargePointVendor), model: plain(boot.chargePointModel), redial };
  });
  return (session) => {
    const vendor = plain(session.vendor);
    const own = makes.filter((make) => vendor !== '' && make.vendor === vendor);
    const model = plain(session.model);
    return (own.find((make) => make.model === model) ?? own[0])?.redial ?? USUAL;
  };
}

/** A name without case and white space at its ends; empty for none. */
function plain(name: unknown): string {
  return typeof name === 'string' ? name.trim().toLowerCase() : '';
}
