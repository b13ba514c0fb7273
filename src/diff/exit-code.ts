import type { Comparison } from './finding.ts';

/**
 * Exit code of a comparison: 0 the same, 1 different (or, under --strict-rules, rules that are unused, expired or over-broad),
 * 3 incomplete (which wins over 1).
 */
export function exitCodeOf({ verdict, summary }: Comparison): 0 | 1 | 3 {
  const { rules } = summary;
  if (verdict === 'same' && rules?.strict && rules.problems.length > 0) return 1;
  return ({ same: 0, different: 1, incomplete: 3 } as const)[verdict];
}
