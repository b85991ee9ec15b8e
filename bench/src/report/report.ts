import { statisticsOf } from './statistics.ts';

/** One figure that we promise: what it must reach, and whether it does. `peer` is null where there is nothing to compare with. */
export type Result = Readonly<{
  metric: string;
  unit: string;
  ours: number;
  peer: number | null;
  ratio: number | null;
  reach: string;
  met: boolean;
}>;

/** A line of the readable table: raw measurements under a name. */
export type Series = Readonly<{ name: string; unit: string; values: readonly number[] }>;

export type Report = Readonly<{
  bench: string;
  series: readonly Series[];
  results: readonly Result[];
  notes?: readonly string[];
}>;

const round = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** The readable table of a report, and as its last line the same results as one JSON object. */
export function printReport(report: Report): string {
  const head = ['measured', 'unit', 'median', 'p95', 'p99', 'min', 'max', 'n'];
  const rows = report.series.map((series) => {
    const s = statisticsOf(series.values);
    return [series.name, series.unit, ...[s.median, s.p95, s.p99, s.min, s.max].map(round), String(s.n)];
  });
  const promised = ['promised', 'unit', 'ours', 'peer', 'ratio', 'reach', 'met'];
  const verdicts = report.results.map((r) => [
    r.metric,
    r.unit,
    round(r.ours),
    r.peer === null ? '-' : round(r.peer),
    r.ratio === null ? '-' : round(r.ratio),
    r.reach,
    r.met ? 'yes' : 'NO',
  ]);
  const json = JSON.stringify({ bench: report.bench, results: report.results.map(rounded) });
  return `${[table([head, ...rows]), table([promised, ...verdicts]), ...(report.notes ?? [])].join('\n\n')}\n\n${json}\n`;
}

function rounded(result: Result): Result {
  const four = (value: number) => Number(value.toPrecision(4));
  return {
    ...result,
    ours: four(result.ours),
    peer: result.peer === null ? null : four(result.peer),
    ratio: result.ratio === null ? null : four(result.ratio),
  };
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
