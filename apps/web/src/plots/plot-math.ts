/** One line of a plot: a value per moment, null where nothing is known. */
export type PlotSeries = Readonly<{ name: string; color: string; values: readonly (number | null)[] }>;

/** Width and height of the drawing's own units; it is stretched to the place that it has. */
export const VIEW = { width: 1000, height: 100 } as const;

/** The next round number that is not below the value: 1, 2, 2.5 or 5 times a power of ten. `base` 1024 is for bytes. */
export function niceTop(value: number, base: 10 | 1024 = 10): number {
  if (!(value > 0)) return 1;
  const unit = base === 1024 ? 1024 ** Math.max(0, Math.floor(Math.log2(value) / 10)) : 1;
  const scaled = value / unit;
  const power = 10 ** Math.floor(Math.log10(scaled));
  const step = [1, 2, 2.5, 5, 10].find((each) => scaled <= each * power * 1.0000001) ?? 10;
  return step * power * unit;
}

/** The highest of the known values; 0 where there is none. */
export function highest(series: readonly PlotSeries[]): number {
  let top = 0;
  for (const { values } of series) for (const value of values) if (value !== null && value > top) top = value;
  return top;
}

/** The last value that is known; null where there is none. */
export function latest(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/**
 * Paths of a series for SVG: the line, and the area below it. Where a value is missing, or the time between two is longer
 * than `gapMs`, there is a gap and no straight line that nobody measured.
 */
export function pathsOf(
  times: readonly number[],
  values: readonly (number | null)[],
  top: number,
  span: Readonly<{ fromMs: number; toMs: number }>,
  gapMs: number,
): Readonly<{ line: string; area: string }> {
  const width = Math.max(1, span.toMs - span.fromMs);
  let line = '';
  let area = '';
  let begun: string | null = null;
  let before: Readonly<{ x: string; ms: number }> | null = null;
  const end = () => {
    if (begun !== null && before !== null) area += `L${before.x} ${VIEW.height}L${begun} ${VIEW.height}Z`;
    begun = null;
    before = null;
  };
  for (const [index, ms] of times.entries()) {
    const value = values[index] ?? null;
    if (value === null || (before !== null && ms - before.ms > gapMs)) end();
    if (value === null) continue;
    const x = (((ms - span.fromMs) / width) * VIEW.width).toFixed(1);
    const y = (VIEW.height - (Math.min(value, top) / top) * VIEW.height).toFixed(1);
    const point = `${begun === null ? 'M' : 'L'}${x} ${y}`;
    begun ??= x;
    before = { x, ms };
    line += point;
    area += point;
  }
  end();
  return { line, area };
}

/** Which of the moments is nearest; -1 where there is none. */
export function nearest(times: readonly number[], ms: number): number {
  let best = -1;
  for (const [index, each] of times.entries())
    if (best === -1 || Math.abs(each - ms) < Math.abs((times[best] ?? 0) - ms)) best = index;
  return best;
}
