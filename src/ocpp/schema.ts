import type { PathPattern } from './json.ts';

/** The part of JSON Schema (draft 7) that OCPP's schemas use to describe a value. */
export interface Schema {
  $id?: string;
  $ref?: string;
  definitions?: Record<string, Schema>;
  type?: string;
  format?: string;
  enum?: string[];
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
