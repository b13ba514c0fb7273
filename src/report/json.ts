import type { Comparison } from '../diff/finding.ts';
import { isObject, type Json, writeJson } from '../ocpp/json.ts';

/** The findings object as indented JSON text; integers beyond 2^53 are written exactly. */
export function jsonReport(comparison: Comparison): string {
  return `${indented(comparison as unknown as Json, '')}\n`;
}

function indented(value: Json, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return block(
      '[',
      value.map((item) => indented(item, inner)),
      ']',
      indent,
    );
  if (!isObject(value)) return writeJson(value);
  const members = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}: ${indented(one, inner)}`,
  );
  return block('{', members, '}', indent);
}

function block(open: string, lines: string[], close: string, indent: string): string {
  if (lines.length === 0) return open + close;
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}
