import { type Json, type JsonObject, valueAt, writeJson } from '../ocpp/json.ts';

/** Values that `${name}` and `${env:NAME}` stand for. */
export interface TemplateValues {
  values: JsonObject;
  env: Readonly<Record<string, string | undefined>>;
}

/** `${connectorId}`, `${a.b}`, `${env:TOKEN}`. */
const PLACE = /\$\{(env:)?([^}]+)\}/g;

/** A template that names a value which is not there. */
export class MissingValue extends Error {}

/** The text with every `${...}` filled in, each but those of the environment through `encode`. Throws MissingValue. */
export function filledText(template: string, given: TemplateValues, encode = (text: string) => text): string {
  return template.replace(PLACE, (_, env: string | undefined, name: string) => {
    const value = namedValue(env, name, given);
    const text = typeof value === 'string' ? value : writeJson(value);
    return env ? text : encode(text);
  });
}

/** A JSON value with every `${...}` in its texts filled in; a text that is nothing but one place becomes the value with its type. Throws MissingValue. */
export function filledJson(template: Json, given: TemplateValues): Json {
  if (typeof template === 'string') {
    const [whole] = template.matchAll(PLACE);
    if (whole?.[0] === template) return namedValue(whole[1], whole[2] ?? '', given);
    return filledText(template, given);
  }
  if (Array.isArray(template)) return template.map((item) => filledJson(item, given));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filledJson(value, given)]));
}

/** Values of the environment that a template uses: not to be printed. Of several characters, so that no common word is taken for one. */
export function secretsOf(template: Json, env: TemplateValues['env']): string[] {
  return [...writeJson(template).matchAll(PLACE)]
    .flatMap(([, isEnv, name]) => (isEnv ? (env[name ?? ''] ?? []) : []))
    .filter((secret) => secret.length >= MIN_SECRET && !PLAIN_ADDRESS.test(secret));
}

const MIN_SECRET = 3;

/** An address without credentials or query is no secret. */
const PLAIN_ADDRESS = /^https?:\/\/[^@?#]*$/;

/** A text without the secrets in it, in clear, as in a URL or as in Base64. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const spellings = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret, 'utf8').toString('base64').replace(/=+$/, ''),
  ]);
  return spellings
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

function namedValue(env: string | undefined, name: string, given: TemplateValues): Json {
  const value = env
    ? given.env[name]
    : (valueAt(given.values, [name]) ?? valueAt(given.values, name.split('.')));
  if (value === undefined) {
    throw new MissingValue(env ? `the environment has no ${name}` : `there is no ${name} for it`);
  }
  return value;
}
