import { isObject, type Json, type JsonObject } from '../ocpp/json.ts';

/** Values that a template's names stand for; an undefined one leaves its member out. */
export type Values = { readonly [name: string]: Json | undefined };

/**
 * A payload made of a template: `"$name"` is the value of that name, of whatever type, `${name}` within a text its text; all else stays, in
 * its order. A member whose value is not given is left out, which is how a firmware's optional fields come and go.
 */
export function fillTemplate(template: Json, values: Values): Json {
  return filled(template, values) ?? {};
}

function filled(template: Json, values: Values): Json | undefined {
  if (typeof template === 'string') return filledText(template, values);
  if (Array.isArray(template)) {
    return template.map((item) => filled(item, values)).filter((item) => item !== undefined);
  }
  if (!isObject(template)) return template;
  const object: JsonObject = {};
  for (const [key, member] of Object.entries(template)) {
    const value = filled(member, values);
    if (value !== undefined) object[key] = value;
  }
  return object;
}

function filledText(template: string, values: Values): Json | undefined {
  const [, whole] = /^\$(\w+)$/.exec(template) ?? [];
  if (whole !== undefined) return values[whole];
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
