import { execFile } from 'node:child_process';
import { type Json, type JsonObject, parseJson } from '../ocpp/json.ts';
import { ask, type DriverGround, reasonOf, templateOf } from './command-driver.ts';
import type { Driver } from './command-file.ts';
import { filledText, secretsOf, type TemplateValues, withoutSecrets } from './template.ts';

/** What a look gave: what was seen, or why nothing was. */
export type Look = { value: Json } | { failure: string };

/** What looks are made with. */
export type LookGround = Pick<DriverGround, 'env' | 'timeoutMs' | 'guard'>;

/** How much of an answer or output is kept, characters. */
const MAX_SEEN = 64 * 1024;

/**
 * Looks at the system under test: a request gives `{status, body}` whatever the status, a program `{exit, output}`; what is JSON is kept
 * as JSON. A failure is told in words without secrets. Never rejects; bounded in time; no redirect is followed.
 */
export async function look(driver: Driver, values: JsonObject, ground: LookGround): Promise<Look> {
  const secrets = secretsOf(driver.kind === 'run' ? [...driver.argv] : templateOf(driver), ground.env);
  const given = { values, env: ground.env };
  try {
    if (driver.kind === 'run') return { value: await output(driver.argv, given, ground.timeoutMs) };
    const { status, said } = await ask(driver, given, ground);
    return { value: { status, body: jsonOr(said) } };
  } catch (error) {
    return { failure: withoutSecrets(reasonOf(error), secrets) };
  }
}

function output(argv: readonly string[], given: TemplateValues, timeout: number): Promise<Json> {
  const [program = '', ...rest] = argv.map((word) => filledText(word, given));
  return new Promise((resolve, reject) => {
    execFile(program, rest, { timeout, killSignal: 'SIGKILL', maxBuffer: MAX_SEEN }, (error, stdout) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ exit: error === null ? 0 : Number(error.code), output: jsonOr(stdout.trim()) });
    });
  });
}

function jsonOr(text: string): Json {
  if (text === '') return null;
  try {
    return parseJson(text);
  } catch {
    return text.slice(0, MAX_SEEN);
  }
}
