/** A field that a filter can ask for. */
export interface Field {
  name: string;
  /** Other names of it. */
  aliases?: readonly string[];
  /** What it is, for the help and the completion. */
  means: string;
  /** How its values are read: a glob, one of a list, a moment, a length of time. */
  type: 'glob' | 'choice' | 'time' | 'duration';
  /** Of a choice: its values; those of a field with an order stand from the least to the most. */
  choices?: readonly string[];
  /** Whether `<` and `>` compare it. */
  ordered?: true;
}

/** What a filter is about: messages or findings. The grammar is one, the fields are not. */
export interface Vocabulary {
  fields: readonly Field[];
}

const SEVERITIES = ['low', 'medium', 'high'] as const;
const DIRECTIONS = ['charger', 'csms'] as const;

/** What a row of a recording can be. */
export const MESSAGE_KINDS = [
  ...(['call', 'result', 'error', 'malformed'] as const),
  ...(['ping', 'pong', 'close', 'opaque'] as const),
  ...(['opened', 'closed', 'refused'] as const),
];

/** Fields of the messages of a recording, as `show`, `list`, `cut` and the session screen filter them. */
export const MESSAGES: Vocabulary = {
  fields: [
    { name: 'charger', aliases: ['cp'], means: 'identity, or endpoint/identity', type: 'glob' },
    { name: 'action', aliases: ['a'], means: 'action of the call, or of the call it answers', type: 'glob' },
    {
      name: 'direction',
      aliases: ['dir', 'from'],
      means: 'who sent it',
      type: 'choice',
      choices: DIRECTIONS,
    },
    { name: 'kind', aliases: ['is'], means: 'what it is', type: 'choice', choices: MESSAGE_KINDS },
    {
      ...{ name: 'severity', aliases: ['sev'], means: 'how bad it is by itself' },
      ...{ type: 'choice', choices: SEVERITIES, ordered: true },
    },
    { name: 'status', means: 'any status in it, an error code, an HTTP status', type: 'glob' },
    {
      name: 'time',
      aliases: ['at'],
      means: 'when: ISO time, HH:MM:SS, or +SECONDS',
      type: 'time',
      ordered: true,
    },
    { name: 'latency', means: 'how long the answer took', type: 'duration', ordered: true },
    { name: 'text', means: 'a part of its text, as a word alone', type: 'glob' },
  ],
};

/** Fields of findings, as the findings screen filters them. */
export const FINDINGS: Vocabulary = {
  fields: [
    { name: 'charger', aliases: ['cp'], means: 'a charger it was seen at', type: 'glob' },
    { name: 'action', aliases: ['a'], means: 'action it is about', type: 'glob' },
    {
      ...{ name: 'direction', aliases: ['dir', 'from'], means: 'who made the call' },
      ...{ type: 'choice', choices: DIRECTIONS },
    },
    { name: 'kind', aliases: ['is'], means: 'kind of difference, such as field-changed', type: 'glob' },
    {
      ...{ name: 'severity', aliases: ['sev'], means: 'how grave it is' },
      ...{ type: 'choice', choices: SEVERITIES, ordered: true },
    },
    {
      name: 'status',
      means: 'what became of it',
      type: 'choice',
      choices: ['new', 'accepted', 'noise', 'flaky'],
    },
    { name: 'path', means: 'JSON Pointer of the place', type: 'glob' },
    { name: 'text', means: 'a part of its sentence or payloads, as a word alone', type: 'glob' },
  ],
};

/** The field of this name or alias; undefined when there is none. */
export function fieldOf({ fields }: Vocabulary, name: string): Field | undefined {
  const lower = name.toLowerCase();
  return fields.find((field) => field.name === lower || field.aliases?.includes(lower));
}
