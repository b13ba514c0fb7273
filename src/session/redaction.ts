import { type JsonNode, parseNodes, type Splice, spliceText } from '../ocpp/json-text.ts';
import { isSecretName, mayHoldSecret, REDACTED } from './secret-names.ts';
import {
  isHarmlessValue,
  redactBroken,
  redactHeaderValue,
  redactText,
  redactUrls,
} from './text-redaction.ts';

/** JSON within a JSON text's strings is searched this many levels down. */
const MAX_EMBEDDED = 4;

/** The member that names a configuration key, and those that hold its value, whatever their case. */
const KEY_MEMBER = /^(?:key|name|variable)$/i;
const VALUE_MEMBER = /^(?:(?:new|old|attribute)?_?values?|val|data)$/i;

/**
 * A request or response head (latin1) without its secrets: credentials, cookies, headers with a secret's name, userinfo and secret
 * parameters of URLs. Line ends, spacing, names and order stay byte for byte.
 */
export function redactHead(head: string): { head: string; redacted: boolean } {
  let secretLine = false;
  const lines = head.split('\n').map((line, index) => {
    if (index === 0) return redactStartLine(line);
    if (/^[ \t]+\S/.test(line))
      return secretLine ? line.replace(/\S.*?(?=\r?$)/, REDACTED) : redactUrls(line);
    const redacted = redactHeaderLine(line);
    secretLine = redacted !== line;
    return redacted;
  });
  const redacted = lines.join('\n');
  return { head: redacted, redacted: redacted !== head };
}

function redactStartLine(line: string): string {
  const parts = /^(\S+[ \t]+)(.*?)([ \t]+HTTP\/[\d.]+\s*|\r?)$/.exec(line);
  if (parts === null || line.startsWith('HTTP/')) return line;
  return parts[1] + redactTarget(parts[2]!) + parts[3];
}

function redactHeaderLine(line: string): string {
  const parts = /^([^:]*)(:[ \t]*)(.*?)(\r?)$/.exec(line);
  if (parts === null) return line;
  return parts[1]! + parts[2] + redactHeaderValue(parts[1]!, parts[3]!) + parts[4];
}

/** A request target without userinfo (of the absolute form) and secret query parameters. */
export function redactTarget(target: string): string {
  return redactUrls(target);
}

/** A URL without the password of its userinfo and without secret query parameters. */
export function redactUrl(url: string): string {
  return redactUrls(url);
}

/**
 * The text of a frame without its secrets: values of secret configuration keys and of members with a secret's name, passwords in
 * URLs, also in JSON inside a string. Only the tokens of those values change; a text that is no JSON is searched by patterns.
 * `call` is the call that this is, or answers; null when unknown.
 */
export function redactPayload(
  text: string,
  call: { action: string } | null,
): { text: string; redacted: boolean } {
  if (!mayHoldSecret(text)) return { text, redacted: false };
  const redacted = redactJson(text, call, 0) ?? redactBroken(text);
  return { text: redacted, redacted: redacted !== text };
}

/** Payload bytes that are no UTF-8 text, without the secrets that their ASCII shows. The same array when there are none. */
export function redactBytes(bytes: Uint8Array): { bytes: Uint8Array; redacted: boolean } {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const { text, redacted } = redactPayload(latin1, null);
  return { bytes: redacted ? Buffer.from(text, 'latin1') : bytes, redacted };
}

/** The redacted JSON text; null when the text is no JSON. */
function redactJson(text: string, call: { action: string } | null, level: number): string | null {
  const root = nodesOf(text);
  if (root === null) return null;
  const splices: Splice[] = [];
  const odd = call?.action === 'ChangeConfiguration' ? root.children?.[3] : undefined;
  if (odd?.type === 'array' && odd.children?.some(isNameOfSecret)) hide(odd, splices);
  else visit(root, splices, level);
  return spliceText(text, splices);
}

function nodesOf(text: string): JsonNode | null {
  try {
    return parseNodes(text);
  } catch {
    // No JSON, or nested too deep for the parser's stack.
    return null;
  }
}

/** Collects the replacements below a node, at places where nothing above says that all is secret. */
function visit(node: JsonNode, splices: Splice[], level: number): void {
  if (node.type === 'string') visitString(node, splices, level);
  else if (node.type === 'object') visitObject(node, splices, level);
  else for (const item of node.children ?? []) visit(item, splices, level);
}

function visitObject(node: JsonNode, splices: Splice[], level: number): void {
  const members = (node.children ?? []).map(({ children }) => ({
    name: String(children?.[0]?.value),
    value: children?.[1],
  }));
  const isSecretEntry = members.some(({ name, value }) => KEY_MEMBER.test(name) && isNameOfSecret(value));
  for (const { name, value } of members) {
    if (value === undefined) continue;
    const secret = isSecretName(name) || /^(?:proxy-)?authorization$/i.test(name);
    if (secret || (isSecretEntry && VALUE_MEMBER.test(name))) hide(value, splices);
    else visit(value, splices, level);
  }
}

function visitString(node: JsonNode, splices: Splice[], level: number): void {
  const value: string = node.value;
  if (!mayHoldSecret(value)) return;
  const embedded = /^\s*[{[]/.test(value);
  const json = embedded && level < MAX_EMBEDDED ? redactJson(value, null, level + 1) : null;
  const redacted = json ?? (embedded ? redactBroken(value) : redactText(value));
  if (redacted !== value) replace(node, redacted, splices);
}

/** Replaces every value below a node but names of secrets, booleans, nulls and empty texts. */
function hide(node: JsonNode, splices: Splice[]): void {
  if (node.type === 'object') for (const member of node.children ?? []) hide(member.children![1]!, splices);
  else if (node.type === 'array') for (const item of node.children ?? []) hide(item, splices);
  else if (node.type === 'number') replace(node, REDACTED, splices);
  else if (node.type === 'string' && !isHarmlessValue(node.value)) replace(node, REDACTED, splices);
}

function replace(node: JsonNode, value: string, splices: Splice[]): void {
  splices.push({ offset: node.offset, length: node.length, token: JSON.stringify(value) });
}

function isNameOfSecret(node: JsonNode | undefined): boolean {
  return node?.type === 'string' && isSecretName(node.value);
}
