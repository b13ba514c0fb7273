import { ChargetapeError } from '../errors.ts';
import { isObject, type Json } from '../ocpp/json.ts';
import { type Driver, driverOf, type Fail, parsed } from './command-file.ts';

/** A look at the system under test. */
export interface Probe {
  name: string;
  /** Action of the charger after whose answer it looks; null for the end of the session. */
  after: string | null;
  /** How long it waits before it looks, ms: many systems write behind their answer. */
  delayMs: number;
  driver: Driver;
}

const FIELDS = new Set(['after', 'delay', 'request', 'run']);
const MAX_DELAY_S = 60;

/**
 * Reads what a user wrote: `{NAME: {"after": ACTION | "session", "delay": SECONDS, "request": {"url": ...} | "run": [...]}}`. `file` names
 * it in errors; `isCall` says whether a charger makes this call. Throws BAD_PROBES.
 */
export function parseProbeFile(text: string, file: string, isCall: (action: string) => boolean): Probe[] {
  const fail: Fail = (what) => {
    throw new ChargetapeError('BAD_PROBES', `${file}: ${what}.`);
  };
  return Object.entries(parsed(text, fail)).map(([name, value]) => probeOf(name, value, isCall, fail));
}

function probeOf(name: string, value: Json, isCall: (action: string) => boolean, fail: Fail): Probe {
  if (!isObject(value)) return fail(`"${name}" is no object`);
  for (const field of Object.keys(value)) if (!FIELDS.has(field)) fail(`"${name}" has a field "${field}"`);
  const { after, delay = 0 } = value;
  if (typeof after !== 'string') return fail(`"${name}" does not say after what it looks`);
  if (after !== 'session' && !isCall(after)) fail(`"${after}" is no call of a charger`);
  if (typeof delay !== 'number' || delay < 0 || delay > MAX_DELAY_S)
    return fail(`the delay of "${name}" is not between 0 and ${MAX_DELAY_S} seconds`);
  const { request } = value;
  const asked = isObject(request) ? { ...value, request: { method: 'GET', ...request } } : value;
  return {
    name,
    after: after === 'session' ? null : after,
    delayMs: delay * 1000,
    driver: driverOf(asked, name, fail),
  };
}
