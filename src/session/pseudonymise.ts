import { type JsonNode, parseNodes, type Splice, spliceText } from '../ocpp/json-text.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/** Members that name a person's tag, whoever wrote them. */
const TAG_NAME = /^(?:parent_?)?id_?(?:tag|token)$/i;

/** Configuration keys whose value is a tag, such as DummyIdTagForAutostart, evb_AutoStart and PlugAndChargeIdentifier. */
const TAG_KEY =
  /id_?tag|autostart|auto_start|plugandcharge_?id|freecharging_?(?:rfid|id|tag)|(?:default|fixed)_?rfid/i;

/** Names of a SIM card and of who it belongs to. */
const SIM_NAME = /iccid|imsi/i;

/** A value of such a key that is a switch, not a tag. */
const SWITCH = /^(?:true|false|on|off|yes|no|enabled?|disabled?|[01])$/i;

const KEY_MEMBER = /^(?:key|name|variable)$/i;
const VALUE_MEMBER = /^(?:value|val|data)$/i;

/** The same in a text that is no JSON. */
const BROKEN =
  /((?:(?:parent_?)?id_?(?:tag|token)|[\w.]*(?:iccid|imsi)[\w.]*)\\*["']?\s{0,8}[:=]\s{0,8}\\*["']?)([^"'\\,;&\s{}[\]]+)/gi;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;

/** JSON within a JSON text's strings is searched this many levels down. */
const MAX_EMBEDDED = 4;

/** A frame's text with pseudonyms for tags, SIM cards and IP addresses; the same text when it has none. */
export function pseudonymiseText(text: string, pseudonyms: Pseudonyms, level = 0): string {
  let root: JsonNode;
  try {
    root = parseNodes(text);
  } catch {
    return text
      .replace(BROKEN, (_all, name, value) => name + pseudonyms.tag(value))
      .replace(IPV4, (address) => pseudonyms.address(address));
  }
  const splices: Splice[] = [];
  visit(root, null, { pseudonyms, splices, level });
  return spliceText(text, splices);
}

/** Bytes that are no text, likewise. */
export function pseudonymiseBytes(bytes: Uint8Array, pseudonyms: Pseudonyms): Uint8Array {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const hidden = pseudonymiseText(latin1, pseudonyms);
  return hidden === latin1 ? bytes : Buffer.from(hidden, 'latin1');
}

const ADDRESS_HEADER =
  /^((?:x-forwarded-for|forwarded|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|x-original-forwarded-for)[ \t]*:)(.*)$/gim;

/** A request head with pseudonyms in the headers that tell an address. */
export function pseudonymiseHead(head: string, pseudonyms: Pseudonyms): string {
  return head.replace(
    ADDRESS_HEADER,
    (_all, name: string, value: string) =>
      name + value.replace(/[^\s,;="]+/g, (word) => pseudonyms.address(word)),
  );
}

interface Search {
  pseudonyms: Pseudonyms;
  splices: Splice[];
  level: number;
}

/** Collects the replacements below a node; `name` is the member or configuration key that it is the value of. */
function visit(node: JsonNode, name: string | null, search: Search): void {
  if (node.type === 'string') visitString(node, name, search);
  else if (node.type === 'array') for (const item of node.children ?? []) visit(item, name, search);
  else if (node.type === 'number' && name !== null && isPersonal(name)) {
    replace(node, search.pseudonyms.tag(String(node.value)), search);
  } else if (node.type === 'object') visitObject(node, search);
}

function visitObject(node: JsonNode, search: Search): void {
  const members = (node.children ?? []).map(({ children }) => ({
    name: String(children?.[0]?.value),
    value: children?.[1],
  }));
  const key = members.find(({ name }) => KEY_MEMBER.test(name))?.value;
  for (const { name, value } of members) {
    if (value === undefined) continue;
    const isEntry = typeof key?.value === 'string' && VALUE_MEMBER.test(name);
    visit(value, isEntry ? key.value : name, search);
  }
}

function visitString(node: JsonNode, name: string | null, search: Search): void {
  const { pseudonyms, level } = search;
  const value: string = node.value;
  const isEmbedded = level < MAX_EMBEDDED && /^\s*[{[]/.test(value);
  if (isEmbedded) replace(node, pseudonymiseText(value, pseudonyms, level + 1), search);
  else if (name !== null && isPersonal(name) && !SWITCH.test(value)) {
    replace(node, pseudonyms.tag(value), search);
  } else
    replace(
      node,
      value.replace(IPV4, (address) => pseudonyms.address(address)),
      search,
    );
}

function isPersonal(name: string): boolean {
  return TAG_NAME.test(name) || TAG_KEY.test(name) || SIM_NAME.test(name);
}

function replace(node: JsonNode, value: string, { splices }: Search): void {
  if (value === node.value) return;
  splices.push({ offset: node.offset, length: node.length, token: JSON.stringify(value) });
}
