import { ChargetapeError } from '../errors.ts';

/** How what is recorded is called on the system under test: identities and tags. */
export interface StagingMap {
  /** The live identity of a recorded charger. */
  identity(recorded: string): string;
  /** The live tag for a recorded one, found without regard to case; null for a tag that keeps its name. */
  tag(recorded: string): string | null;
  /** The live message id of a recorded call of the charger; as recorded without it. */
  messageId?(recorded: string): string;
}

/** What a staging map is made of. */
export interface StagingNames {
  /** Such as `STG-{identity}`, for identities that are not listed. */
  template?: string;
  identities?: readonly (readonly [from: string, to: string])[];
  /** One to one. */
  tags?: readonly (readonly [from: string, to: string])[];
  /** Tags of which several may be called the same. */
  pooled?: readonly (readonly [from: string, to: string])[];
}

/** The map that leaves every name as it was recorded. */
export const AS_RECORDED: StagingMap = { identity: (recorded) => recorded, tag: () => null };

/** A map of these names. USAGE when a template names no identity, BAD_LIST when a list is not one to one. */
export function stagingMap({ template, identities = [], tags = [], pooled = [] }: StagingNames): StagingMap {
  if (template !== undefined && !template.includes('{identity}')) {
    throw new ChargetapeError('USAGE', 'The template of --identity must contain {identity}.');
  }
  const names = oneToOne(identities, (name) => name, 'identity');
  const listed = oneToOne(tags, (tag) => tag.toLowerCase(), 'tag');
  const tagNames = new Map([...pooled.map(([from, to]) => [from.toLowerCase(), to] as const), ...listed]);
  return {
    identity: (recorded) =>
      names.get(recorded) ?? template?.replaceAll('{identity}', () => recorded) ?? recorded,
    tag: (recorded) => tagNames.get(recorded.toLowerCase()) ?? null,
  };
}

function oneToOne(
  pairs: readonly (readonly [string, string])[],
  key: (name: string) => string,
  noun: string,
): Map<string, string> {
  const forward = new Map<string, string>();
  const backward = new Set<string>();
  for (const [from, to] of pairs) {
    if (forward.has(key(from))) throw new ChargetapeError('BAD_LIST', `The ${noun} ${from} is mapped twice.`);
    if (backward.has(key(to))) {
      throw new ChargetapeError('BAD_LIST', `Two recorded names are mapped to the ${noun} ${to}.`);
    }
    forward.set(key(from), to);
    backward.add(key(to));
  }
  return forward;
}
