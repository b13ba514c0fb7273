import { spawn } from 'node:child_process';
import { type JsonObject, writeJson } from '../ocpp/json.ts';
import type { Driver } from './command-file.ts';
import { RUN_HEADER } from './credentials.ts';
import { filledJson, filledText, secretsOf, type TemplateValues, withoutSecrets } from './template.ts';

/** What drivers are run with. */
export interface DriverGround {
  drivers: ReadonlyMap<string, Driver>;
  env: TemplateValues['env'];
  /** How long a request or program may take, ms. */
  timeoutMs: number;
  /** Throws when this host must not be asked anything. */
  guard: (url: URL) => Promise<void>;
}

/** The server that a driver's requests go to, as far as it can be told beforehand; null when it cannot. */
export function serverOf(driver: Driver, env: TemplateValues['env']): URL | null {
  if (driver.kind !== 'request') return null;
  const url = driver.url.replace(/\$\{env:([^}]+)\}/g, (place, name: string) => env[name] ?? place);
  const [origin = ''] = /^[a-z]+:\/\/[^/?#]*/i.exec(url) ?? [];
  return origin.includes('$') || !URL.canParse(origin) ? null : new URL(origin);
}

/** How much of what a program or server says about its failure is told. */
const MAX_SAID = 200;

/**
 * Makes the CSMS send a command by its driver: null when that went well, else why it did not, in words without secrets. Never rejects;
 * bounded in time; no redirect is followed.
 */
export async function drive(
  ground: DriverGround,
  action: string,
  values: JsonObject,
): Promise<string | null> {
  const driver = ground.drivers.get(action);
  if (!driver) return `there is no driver for ${action}`;
  const secrets = secretsOf(driver.kind === 'run' ? [...driver.argv] : templateOf(driver), ground.env);
  const given = { values, env: ground.env };
  try {
    const failure =
      driver.kind === 'run' ? await run(driver, given, ground) : await request(driver, given, ground);
    return failure === null ? null : withoutSecrets(failure, secrets);
  } catch (error) {
    return withoutSecrets(reasonOf(error), secrets);
  }
}

/** The templates of a request. */
export function templateOf({ url, headers, body }: Extract<Driver, { kind: 'request' }>) {
  return [url, { ...headers }, body];
}

async function request(
  driver: Extract<Driver, { kind: 'request' }>,
  given: TemplateValues,
  ground: Pick<DriverGround, 'guard' | 'timeoutMs'>,
): Promise<string | null> {
  const { url, status, ok, said } = await ask(driver, given, ground);
  if (ok) return null;
  return `${driver.method} ${url.origin}${url.pathname} answered ${status}${saying(said)}`;
}

/** Makes a request with its templates filled in. Rejects when it cannot be filled, is not allowed, fails or takes too long. */
export async function ask(
  { method, url: template, headers: lines, body }: Extract<Driver, { kind: 'request' }>,
  given: TemplateValues,
  { timeoutMs, guard }: Pick<DriverGround, 'guard' | 'timeoutMs'>,
): Promise<{ url: URL; status: number; ok: boolean; said: string }> {
  const url = new URL(filledText(template, given, encodeURIComponent));
  await guard(url);
  const headers = new Headers();
  if (typeof given.values.run === 'string') headers.set(RUN_HEADER, given.values.run);
  for (const [name, line] of Object.entries(lines)) headers.set(name, filledText(line, given));
  const filled = body === null ? null : filledJson(body, given);
  const isText = typeof body === 'string';
  if (filled !== null && !headers.has('content-type')) {
    headers.set('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json');
  }
  const text = filled === null ? null : isText ? String(filled) : writeJson(filled);
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method, headers, body: text, redirect: 'manual', signal });
  const said = (await response.text()).trim();
  return { url, status: response.status, ok: response.ok, said };
}

function run(
  { argv }: Extract<Driver, { kind: 'run' }>,
  given: TemplateValues,
  { timeoutMs }: DriverGround,
): Promise<string | null> {
  const [program = '', ...rest] = argv.map((word) => filledText(word, given));
  return new Promise((resolve) => {
    const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MAX_SAID);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const end = (failure: string | null) => {
      clearTimeout(timer);
      resolve(failure);
    };
    child.on('error', (error) => end(reasonOf(error)));
    child.on('exit', (code, signal) => {
      child.stderr.destroy();
      end(code === 0 ? null : `${program} ended with ${signal ?? code}${saying(said.trim())}`);
    });
  });
}

function saying(text: string): string {
  const line = text.split(/\s+/).join(' ').slice(0, MAX_SAID);
  return line === '' ? '' : ` (${line})`;
}

/** Why something failed, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.name === 'TimeoutError') return 'it took too long';
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
