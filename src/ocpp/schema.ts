import type { Json, Path, PathPattern } from './json.ts';

/** The part of JSON Schema (draft 7) that OCPP's schemas use to describe a value. */
export interface Schema {
  $id?: string;
  $ref?: string;
  definitions?: Record<string, Schema>;
  type?: string;
  format?: string;
  enum?: string[];
  /** Characters at most. */
  maxLength?: number;
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** Places of RFC 3339 times: what the schema gives the format `date-time`. */
export function timePlaces(schema: Schema): PathPattern[] {
  return places(schema, (field) => field.format === 'date-time');
}

/** Places whose values the schema lists. */
export function enumPlaces(schema: Schema): PathPattern[] {
  return places(schema, (field) => field.enum !== undefined);
}

/** Numbers of OCPP 1.6 are 32-bit integers where they are integers; many chargers keep them so. */
const MAX_INT32 = 2 ** 31 - 1;

/** Whether the schema allows this value (no array or object) at a place; a place that it does not know allows any. */
export function allowsAt(root: Schema, path: Path, value: Json): boolean {
  const field = fieldAt(root, path);
  if (field === undefined) return true;
  if (field.type === 'integer' && !isInt32(value)) return false;
  if (typeof value !== 'string') return true;
  const isListed = field.enum?.includes(value) ?? true;
  return isListed && [...value].length <= (field.maxLength ?? Number.POSITIVE_INFINITY);
}

function isInt32(value: Json): boolean {
  return (
    typeof value === 'number' && Number.isInteger(value) && value <= MAX_INT32 && value >= -MAX_INT32 - 1
  );
}

function fieldAt(root: Schema, path: Path): Schema | undefined {
  let field: Schema | undefined = root;
  for (const step of path) {
    if (field === undefined) return undefined;
    const { properties = {}, items } = resolve(root, field);
    if (typeof step === 'number') field = items;
    else field = Object.hasOwn(properties, step) ? properties[step] : undefined;
  }
  return field && resolve(root, field);
}

/** All places of a schema's values (array items as `*`) that are wanted. Expects a schema without recursion, as OCPP's are. */
function places(root: Schema, wanted: (field: Schema) => boolean): PathPattern[] {
  const walk = (given: Schema, path: string[]): PathPattern[] => {
    const field = resolve(root, given);
    const properties = Object.entries(field.properties ?? {});
    return [
      ...(wanted(field) ? [path] : []),
      ...properties.flatMap(([name, property]) => walk(property, [...path, name])),
      ...(field.items ? walk(field.items, [...path, '*']) : []),
    ];
  };
  return walk(root, []);
}

/** The definition that a `$ref` of the form `#/definitions/NAME` points to; any other schema as it is. */
function resolve(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace('#/definitions/', '');
  return (name !== undefined && root.definitions?.[name]) || schema;
}
