import type { Filter } from '../filter/filter.ts';
import type { Value } from '../filter/value.ts';

/** What the database cannot know of a filter by itself. */
export interface FilterGround {
  /** Start of the recording, µs since the epoch. */
  startUs: number;
  /** Connections of the chargers whose name passes; null when they are too many to list. */
  connectionsOf(passes: (charger: string) => boolean): readonly number[] | null;
}

/** A condition on `frame`. Where it is not exact it lets too much through, never too little. */
export interface Condition {
  sql: string;
  isExact: boolean;
}

const ALL: Condition = { sql: '1', isExact: true };
const UNKNOWN: Condition = { sql: '1', isExact: false };

/** As much of a filter on messages as SQLite can decide, frame by frame. */
export function conditionOf(filter: Filter, ground: FilterGround): Condition {
  switch (filter.type) {
    case 'all':
      return ALL;
    case 'and':
    case 'or': {
      const [left, right] = [conditionOf(filter.left, ground), conditionOf(filter.right, ground)];
      return { sql: `(${left.sql} ${filter.type} ${right.sql})`, isExact: left.isExact && right.isExact };
    }
    case 'not': {
      const { sql, isExact } = conditionOf(filter.operand, ground);
      return isExact ? { sql: `(not ${sql})`, isExact } : UNKNOWN;
    }
    case 'text':
      return textCondition(filter.text, ground);
    case 'term':
      return termCondition(filter, ground);
  }
}

type Term = Filter & { type: 'term' };

function termCondition(term: Term, ground: FilterGround): Condition {
  if (term.field === 'status') return statusCondition(term);
  const isNot = term.operator === '!=';
  const parts = term.values.map((value) => equals(term, value, ground));
  const isExact = parts.every((part) => part.isExact);
  if (isNot && !isExact) return UNKNOWN;
  const any = `(${parts.map(({ sql }) => sql).join(' or ')})`;
  return { sql: isNot ? `(not ${any})` : any, isExact };
}

/** One value of a term; of `!=` the equality, which the caller turns round. */
function equals({ field, operator }: Term, value: Value, ground: FilterGround): Condition {
  const sign = operator === '!=' ? '=' : operator;
  if (value.type === 'glob') {
    if (field === 'action') return exact(`action like ${likeOf(value.text)}`, value.text);
    return field === 'charger' ? chargerCondition(value.pattern, ground) : UNKNOWN;
  }
  if (value.type === 'choice') {
    if (field === 'direction') return { sql: `sender = '${value.text}'`, isExact: true };
    return field === 'kind' ? kindCondition(value.text) : UNKNOWN;
  }
  if (value.type === 'duration') return { sql: number('latency_us', sign, value.us), isExact: true };
  if (value.time.type === 'daily') return UNKNOWN;
  const us = value.time.us + (value.time.type === 'from-start' ? ground.startUs : 0);
  return { sql: number('at_us', sign, us), isExact: true };
}

/** A comparison that is false, not null, where the column is. */
function number(column: string, sign: string, us: number): string {
  return `coalesce(${column} ${sign} ${us}, 0)`;
}

const KINDS: Record<string, string> = {
  call: "message_type = 'call'",
  result: "message_type = 'callResult'",
  error: "message_type = 'callError'",
  malformed: "message_type = 'malformed'",
  close: 'message_type is null and opcode = 8',
  ping: 'message_type is null and opcode = 9',
  pong: 'message_type is null and opcode = 10',
  opaque: 'message_type is null and coalesce(opcode, 0) not in (8, 9, 10)',
};

/** Openings and ends of connections are no frames. */
function kindCondition(kind: string): Condition {
  return { sql: `coalesce(${KINDS[kind] ?? '0'}, 0)`, isExact: true };
}

function chargerCondition(pattern: RegExp, ground: FilterGround): Condition {
  const passes = (charger: string) =>
    pattern.test(charger) || pattern.test(charger.slice(charger.lastIndexOf('/') + 1));
  return connectionCondition(ground.connectionsOf(passes));
}

function connectionCondition(ids: readonly number[] | null): Condition {
  return ids === null ? UNKNOWN : { sql: `connection in (${ids.join(',')})`, isExact: true };
}

/** An answer's own text names no action, and no message names its charger. */
function textCondition(text: string, ground: FilterGround): Condition {
  const like = likeOf(`*${text}*`, true);
  const here = exact(`(cast(payload as text) like ${like} or coalesce(action like ${like}, 0))`, text);
  const named = connectionCondition(ground.connectionsOf((charger) => charger.toLowerCase().includes(text)));
  return { sql: `(${here.sql} or ${named.sql})`, isExact: here.isExact && named.isExact };
}

/** A status can only be where the payload says so, or in a call error. */
function statusCondition({ operator }: Term): Condition {
  if (operator === '!=') return UNKNOWN;
  return { sql: `(cast(payload as text) like '%status%' or message_type is 'callError')`, isExact: false };
}

/** SQLite folds the case of ASCII alone: of other texts it cannot be asked. */
function exact(sql: string, text: string): Condition {
  return /^[\x20-\x7e]*$/.test(text) ? { sql: `coalesce(${sql}, 0)`, isExact: true } : UNKNOWN;
}

/** A glob as a pattern of LIKE, as an SQL string; `verbatim` when only its first and last star are meant as such. */
function likeOf(glob: string, verbatim = false): string {
  const escaped = glob.replaceAll('\\', '\\\\').replaceAll('%', '\\%').replaceAll('_', '\\_');
  const pattern = verbatim ? `%${escaped.slice(1, -1)}%` : escaped.replaceAll('*', '%').replaceAll('?', '_');
  return `'${pattern.replaceAll("'", "''")}' escape '\\'`;
}
