import type { Comparison } from './finding.ts';

/** Exit code of a comparison: 0 the same, 1 different, 3 incomplete (which wins over 1). */
export function exitCodeOf({ verdict }: Comparison): 0 | 1 | 3 {
  return ({ same: 0, different: 1, incomplete: 3 } as const)[verdict];
}
