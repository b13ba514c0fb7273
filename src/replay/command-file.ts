import { ChargetapeError } from '../errors.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../ocpp/json.ts';

/** How the CSMS is made to send a command: by a request to its own interface, or by a program. Texts are templates. */
export type Driver =
  | {
      kind: 'request';
      method: string;
      url: string;
      headers: Readonly<Record<string, string>>;
      body: Json | null;
    }
  | { kind: 'run'; argv: readonly string[] };

/** What a user says about commands: which class they are of, and who makes the CSMS send them. By action. */
export interface CommandFile {
  external: ReadonlySet<string>;
  reaction: ReadonlySet<string>;
  drivers: ReadonlyMap<string, Driver>;
}

/** A file that says nothing. */
export const NO_COMMANDS: CommandFile = { external: new Set(), reaction: new Set(), drivers: new Map() };

const FIELDS = new Set(['external', 'reaction', 'drivers']);

/**
 * Reads what a user wrote: `{"external": [...], "reaction": [...], "drivers": {ACTION: {"request": {...}} | {"run": [...]}}}`. `file`
 * names it in errors; `isCommand` says whether a CSMS sends this action. Throws BAD_COMMANDS.
 */
export function parseCommandFile(
  text: string,
  file: string,
  isCommand: (action: string) => boolean,
): CommandFile {
  const fail = (what: string): never => {
    throw new ChargetapeError('BAD_COMMANDS', `${file}: ${what}.`);
  };
  const value = parsed(text, fail);
  for (const field of Object.keys(value)) if (!FIELDS.has(field)) fail(`there is no field "${field}"`);
  const actions = (field: string) => new Set(texts(value[field] ?? [], field, fail));
  const [external, reaction] = [actions('external'), actions('reaction')];
  const given = value.drivers ?? {};
  const drivers = Object.entries(isObject(given) ? given : fail('drivers is no object'));
  for (const action of [...external, ...reaction, ...drivers.map(([name]) => name)]) {
    if (!isCommand(action)) fail(`"${action}" is no command of a CSMS`);
  }
  for (const action of external) if (reaction.has(action)) fail(`"${action}" is in both lists`);
  const read = drivers.map(([action, driver]) => [action, driverOf(driver, action, fail)] as const);
  return { external, reaction, drivers: new Map(read) };
}

/** Throws what is wrong with a file. */
export type Fail = (what: string) => never;

/** The JSON object that a file holds. */
export function parsed(text: string, fail: Fail): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return fail('it is not JSON');
  }
  return isObject(value) ? value : fail('it is no JSON object');
}

/** Reads one `{"request": {...}}` or `{"run": [...]}`; `action` stands for it in what `fail` is told. */
export function driverOf(value: Json, action: string, fail: Fail): Driver {
  if (isObject(value) && value.run !== undefined) {
    const argv = texts(value.run, `${action}.run`, fail);
    return argv.length > 0 ? { kind: 'run', argv } : fail(`${action}.run names no program`);
  }
  const request = isObject(value) ? value.request : undefined;
  if (!isObject(request) || typeof request.url !== 'string') {
    return fail(`${action} needs "request" with a "url", or "run" with a list of words`);
  }
  const { method = 'POST', url, headers = {}, body = null } = request;
  if (!/^(https?:\/\/|\$\{env:)/.test(url)) {
    fail(`the url of ${action} does not begin with http://, https:// or a variable of the environment`);
  }
  if (typeof method !== 'string') return fail(`the method of ${action} is no text`);
  if (!isObject(headers)) return fail(`the headers of ${action} are no object`);
  const lines = Object.entries(headers).map(([name, line]) => {
    return typeof line === 'string'
      ? ([name, line] as const)
      : fail(`the header ${name} of ${action} is no text`);
  });
  return { kind: 'request', method: method.toUpperCase(), url, headers: Object.fromEntries(lines), body };
}

function texts(value: Json, field: string, fail: Fail): string[] {
  if (!Array.isArray(value)) return fail(`${field} is no list`);
  return value.map((item) =>
    typeof item === 'string' ? item : fail(`${field} has something that is no text`),
  );
}
