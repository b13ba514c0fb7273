/**
 * Probability that samples as much above others as these come of one distribution: the one-sided Mann-Whitney U test, by the normal
 * approximation with correction for ties. From about 8 samples a side; 1 when all are equal.
 */
export function probabilityThatAlike(lower: readonly number[], higher: readonly number[]): number {
  const all = [...lower.map((value) => ({ value, isHigher: false })), ...higher.map(higherOf)];
  all.sort((a, b) => a.value - b.value);
  const [n, m, total] = [lower.length, higher.length, all.length];
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < total; ) {
    let to = from;
    while (to < total && all[to]!.value === all[from]!.value) to++;
    const size = to - from;
    const rank = (from + 1 + to) / 2;
    rankSum += rank * all.slice(from, to).filter(({ isHigher }) => isHigher).length;
    ties += size ** 3 - size;
    from = to;
  }
  const u = rankSum - (m * (m + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance <= 0 ? 1 : upperTail((u - (n * m) / 2) / Math.sqrt(variance));
}

/** The middle of the samples, or the mean of the two in the middle; at least one sample. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

function higherOf(value: number): { value: number; isHigher: boolean } {
  return { value, isHigher: true };
}

/** Upper tail of the normal distribution (Abramowitz and Stegun 26.2.17; off by less than 1e-7). */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const sum =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
