/** What a set of measurements says: the same unit as the measurements. */
export type Statistics = Readonly<{
  n: number;
  median: number;
  p95: number;
  p99: number;
  min: number;
  max: number;
}>;

/** Order statistics by the nearest-rank method; throws on an empty set, which no bench may report. */
export function statisticsOf(values: readonly number[]): Statistics {
  if (values.length === 0) throw new Error('a bench measured nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    n: sorted.length,
    median: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    min: rank(0),
    max: rank(1),
  };
}
