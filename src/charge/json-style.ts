import { isObject, type Json, writeJson } from '../ocpp/json.ts';

/** White space that a firmware puts into its JSON, where compact JSON has none. */
export interface JsonStyle {
  /** Between the elements of the message, such as `", "`. */
  element: string;
  /** Before the payload, where that is not the same. */
  payload?: string | undefined;
  /** Between the members of the payload. */
  member: string;
  /** Between a key and its value. */
  colon: string;
  /** After an opening and before a closing brace of the payload that is not empty. */
  brace: string;
  /** The empty payload, such as `{ }`. */
  empty: string;
}

/** JSON without white space. */
export const COMPACT: JsonStyle = { element: ',', member: ',', colon: ':', brace: '', empty: '{}' };

/** Text of an OCPP-J message as the firmware writes it. */
export function writeMessage(elements: readonly Json[], style: JsonStyle): string {
  const texts = elements.map((element) => styled(element, style));
  const isCall = elements[0] === 2;
  const head = texts.splice(0, isCall ? 3 : 2).join(style.element);
  return `[${head}${style.payload ?? style.element}${texts.join(style.element)}]`;
}

function styled(value: Json, style: JsonStyle): string {
  if (Array.isArray(value)) return `[${value.map((item) => styled(item, style)).join(style.member)}]`;
  if (!isObject(value)) return writeJson(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}${style.colon}${styled(member, style)}`,
  );
  if (members.length === 0) return style.empty;
  return `{${style.brace}${members.join(style.member)}${style.brace}}`;
}
