import { isObject, type Json, writeJson } from '../ocpp/json.ts';
import type { Side } from '../ocpp/message.ts';
import type { FindingKind } from './finding.ts';

/** What a finding says, apart from where and how often. */
export interface FindingFacts {
  kind: FindingKind;
  caller: Side | null;
  action: string | null;
  variety?: string;
  path: string;
  baseline?: Json;
  candidate?: Json;
}

/** Longest value that a sentence shows in full. */
const MAX_VALUE = 80;

/** One sentence that says what a finding means, in words that need no key. */
export function sentence(facts: FindingFacts): string {
  return SENTENCES[facts.kind](facts);
}

const SENTENCES: Record<FindingKind, (facts: FindingFacts) => string> = {
  'field-changed': (f) =>
    `${subject(f)} has ${f.path} ${shown(f.candidate)} instead of ${shown(f.baseline)}.`,
  'field-added': (f) => `${subject(f)} has a new ${place(f)}: ${shown(f.candidate)}.`,
  'field-removed': (f) => `${subject(f)} no longer has ${place(f)} (was ${shown(f.baseline)}).`,
  'type-changed': (f) =>
    `${subject(f)} has another JSON type at ${place(f)}: ${shown(f.candidate)} instead of ${shown(f.baseline)}.`,
  'format-changed': (f) =>
    f.path === ''
      ? `${subject(f)} is a message of another form: ${shown(f.candidate)} instead of ${shown(f.baseline)}.`
      : `${subject(f)} is written in another format at ${place(f)}: ${shown(f.candidate)} instead of ${shown(f.baseline)}.`,
  'array-order': (f) => `${subject(f)} has the items of ${place(f)} in another order.`,
  'array-length': (f) =>
    `${subject(f)} has ${counted(f.candidate)} in ${place(f)} instead of ${counted(f.baseline)}.`,
  'beyond-int32': (f) =>
    `${subject(f)} has ${f.path} ${shown(f.candidate)} instead of ${shown(f.baseline)}: beyond what 32 bits hold.`,
  'duplicate-key': (f) =>
    `${subject(f)} names ${f.path} more than once, so that what it means is for the charger's parser to decide.`,
  'result-to-error': (f) => `${f.action} is now refused with ${shown(f.candidate)}.`,
  'error-to-result': (f) => `${f.action} is no longer refused with ${shown(f.baseline)}; it gets a result.`,
  'error-code': (f) => `${f.action} is refused with ${shown(f.candidate)} instead of ${shown(f.baseline)}.`,
  schema: (f) =>
    `${subject(f)} has ${place(f)} ${shown(f.candidate)}, which the schema does not allow (was ${shown(f.baseline)}).`,
  unanswered: (f) =>
    f.baseline === undefined
      ? `${f.action}, which was left unanswered, is now answered.`
      : `${f.action} is no longer answered.`,
  'late-answer': (f) =>
    `${f.action} is answered after ${f.candidate} ms instead of ${f.baseline} ms; chargers have given up by then.`,
  latency: (f) =>
    `${f.action} is usually answered after ${f.candidate} ms instead of ${f.baseline} ms (medians).`,
  'duplicate-answer': (f) =>
    f.candidate === undefined
      ? `${f.action}, which was answered more than once, is answered less often.`
      : `${f.action} is answered more than once.`,
  'orphan-answer': (f) => `The CSMS answers a call that nobody made: ${shown(f.candidate)}.`,
  malformed: (f) =>
    f.action === null
      ? `The CSMS sends a text that is no OCPP-J message: ${shown(f.candidate)}.`
      : `${subject(f)} is a text that is no OCPP-J message: ${shown(f.candidate)}.`,
  'call-missing': (f) => `The charger does not send ${sort(f)} here, which it sent in the baseline.`,
  'call-unexpected': (f) => `The charger sends ${sort(f)} here, which it did not send in the baseline.`,
  'call-changed': (f) => said(`The charger's ${f.action}`, f),
  'reply-changed': (f) => said(`The charger's answer to ${sort(f)}`, f),
  'command-missing': (f) => `The CSMS no longer sends ${sort(f)}.`,
  'command-unexpected': (f) => `The CSMS sends ${sort(f)}, which it did not send before.`,
  'command-changed': (f) => said(`The command ${sort(f)}`, f),
  'command-order': (f) => `The CSMS sends ${sort(f)} in another order among its commands.`,
  'command-early': (f) => `The CSMS sends ${sort(f)} before it answers what it reacts to.`,
  'command-late': (f) =>
    `The CSMS sends ${sort(f)} ${seconds(f.candidate)} after what it reacts to instead of ${seconds(f.baseline)}.`,
  'command-repeated': (f) => `The CSMS sends ${sort(f)} more often than before.`,
  'id-reused': (f) =>
    f.action === null
      ? 'The CSMS gives the same message id to several commands on one connection.'
      : `The CSMS gives ${place(f)} ${shown(f.candidate)} twice to one charger.`,
  'id-unmapped': (f) =>
    `${subject(f)} names ${f.path} ${shown(f.candidate)}, which was never issued to this charger (was ${shown(f.baseline)}, which was).`,
  'handshake-status': (f) =>
    f.candidate === undefined
      ? 'The CSMS no longer answers the WebSocket handshake.'
      : `The WebSocket handshake is answered with ${shown(f.candidate)} instead of ${shown(f.baseline)}.`,
  subprotocol: (f) => chosen('subprotocol', f),
  extensions: (f) => chosen('extensions', f),
  header: (f) =>
    f.path === ''
      ? `The answer to the WebSocket handshake spells its headers' names otherwise: ${shown(f.candidate)} instead of ${shown(f.baseline)}.`
      : `The answer to the WebSocket handshake has ${f.path.slice(1)} ${shown(f.candidate)} instead of ${shown(f.baseline)}.`,
  ping: (f) => pingChanged(f),
  close: (f) => `The connection is ended ${ending(f.candidate)} instead of ${ending(f.baseline)}.`,
};

/** Whether a word names a kind of finding. */
export function isFindingKind(word: string): word is FindingKind {
  return Object.hasOwn(SENTENCES, word);
}

/** Who ended a connection and how, `by the CSMS (close 1008)`, from the value of a `close` finding. */
export function ending(value: Json | undefined): string {
  if (value === undefined) return 'by nobody';
  if (!isObject(value)) return shown(value);
  const { endedBy, ending: how, code } = value;
  const who = endedBy === 'csms' ? 'the CSMS' : `the ${endedBy}`;
  return `by ${who} (${[how, code].filter((part) => part !== undefined).join(' ')})`;
}

/** What the CSMS chooses of what the handshake offers. */
function chosen(what: string, { baseline, candidate }: FindingFacts): string {
  if (candidate === undefined) return `The CSMS chooses no ${what} (was ${shown(baseline)}).`;
  if (baseline === undefined) return `The CSMS now chooses the ${what} ${shown(candidate)}.`;
  return `The CSMS chooses the ${what} ${shown(candidate)} instead of ${shown(baseline)}.`;
}

/** What one party says otherwise at a place of a payload. */
function said(subject: string, facts: FindingFacts): string {
  if (facts.baseline === undefined) return `${subject} has a new ${place(facts)}: ${shown(facts.candidate)}.`;
  if (facts.candidate === undefined)
    return `${subject} no longer has ${place(facts)} (was ${shown(facts.baseline)}).`;
  const sizes = [sizeOf(facts.baseline), sizeOf(facts.candidate)];
  if (!sizes.includes(null) && sizes[0] !== sizes[1])
    return `${subject} has ${counted(facts.candidate)} in ${place(facts)} instead of ${counted(facts.baseline)}.`;
  return `${subject} has ${place(facts)} ${shown(facts.candidate)} instead of ${shown(facts.baseline)}.`;
}

/** The action, and what sort of it. */
function sort({ action, variety }: FindingFacts): string {
  return variety === undefined ? `${action}` : `${action} (${variety})`;
}

function pingChanged({ path, baseline, candidate }: FindingFacts): string {
  if (path === '/pong')
    return candidate === true
      ? "The CSMS now answers the charger's pings."
      : "The CSMS no longer answers the charger's pings.";
  if (candidate === undefined) return `The CSMS no longer pings (was every ${shown(baseline)} s).`;
  if (baseline === undefined) return `The CSMS now pings, every ${shown(candidate)} s.`;
  return `The CSMS pings every ${shown(candidate)} s instead of every ${shown(baseline)} s.`;
}

/** A number of seconds in words; null is never. */
function seconds(value: Json | undefined): string {
  return `${shown(value)} s`;
}

/** How many items an array has; null for what is none. */
function sizeOf(value: Json | undefined): number | null {
  return Array.isArray(value) ? value.length : null;
}

function counted(value: Json | undefined): string {
  const count = sizeOf(value) ?? 0;
  return `${count} item${count === 1 ? '' : 's'}`;
}

function subject(facts: FindingFacts): string {
  const { caller, action } = facts;
  if (caller === null) return `What ${action} saw`;
  return caller === 'csms' ? `The command ${sort(facts)}` : `The answer to ${action}`;
}

function place({ path }: FindingFacts): string {
  return path === '' ? 'its payload' : path;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = writeJson(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
