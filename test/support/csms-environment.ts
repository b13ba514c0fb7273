import type { Behaviour } from './csms-behaviour.ts';
import { command, field, idTagField, type Switch } from './csms-switch.ts';

/** Actions whose results another system enriches, and with how many fields each. */
const ENRICHED = [
  'Authorize',
  'BootNotification',
  'Heartbeat',
  'MeterValues',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
];
const FIELDS = 28;

/** Fields that this system's answers have, each in its place. */
function enriched(base: Behaviour): Partial<Behaviour> {
  return {
    answer(call) {
      const answer = base.answer(call);
      if (answer === 'silence' || 'errorCode' in answer || !ENRICHED.includes(call.action)) return answer;
      const more = Array.from({ length: FIELDS }, (_, nth) => [`staging${nth}`, nth]);
      return { result: { ...answer.result, ...Object.fromEntries(more) } };
    },
  };
}

const CHANGES = [
  enriched,
  field('BootNotification', 'interval', () => 60),
  idTagField('Authorize', 'parentIdTag', () => 'STAGING'),
  idTagField('StartTransaction', 'parentIdTag', () => 'STAGING'),
  command('ChangeConfiguration', (old) => (old.value === '30' ? { ...old, value: '10' } : old)),
];

/** In how many places a system with other contracts, tariffs and settings differs from the base build. */
export const STAGING_PLACES = ENRICHED.length * FIELDS + CHANGES.length - 1;

/** Such a system: what it does is no regression, but a difference from a recording of the base build. */
export const STAGING: Switch = {
  name: 'staging',
  change(base) {
    let build = base;
    for (const change of CHANGES) build = { ...build, ...change(build) };
    return build;
  },
  expected: [],
};
