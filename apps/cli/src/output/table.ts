import { styleText } from 'node:util';
import { safeText } from './safe-text.ts';
import { textWidth, truncate } from './text-width.ts';

/** How a cell looks on a terminal with colours. */
export type Tone = 'good' | 'bad' | 'doubtful' | 'faint';

const TONES = {
  good: 'green',
  bad: 'red',
  doubtful: 'yellow',
  faint: 'gray',
} as const satisfies Record<Tone, string>;

/** One column of a table: how a row fills it. Its title is its name in capitals. */
export type Column<Row> = Readonly<{
  name: string;
  value: (row: Row) => string;
  tone?: (row: Row) => Tone | undefined;
  right?: boolean;
  /** Shown without being asked for. */
  shown: boolean;
  /** May be cut where the terminal is too narrow; names and states never are. */
  shrinks?: boolean;
}>;

export type TableOptions = Readonly<{
  header: boolean;
  colour: boolean;
  /** Columns of the terminal; undefined: as wide as it gets. */
  width?: number | undefined;
}>;

const GAP = '  ';
const NARROWEST = 8; // a column cut further than this tells nothing

/** Lays rows out in aligned columns; the last one is not padded. Ends with a line end unless it is empty. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => columns.map((column) => safeText(column.value(row)) || '-'));
  const titles = columns.map((column) => column.name.toUpperCase());
  const widths = fit(
    columns,
    columns.map((_, at) =>
      Math.max(
        options.header ? textWidth(titles[at] ?? '') : 0,
        ...cells.map((line) => textWidth(line[at] ?? '')),
      ),
    ),
    options.width,
  );
  const lines = cells.map((line, row) =>
    layOut(columns, line, widths, (text, at) => paint(text, toneOf(columns[at], rows[row]), options.colour)),
  );
  if (options.header && rows.length > 0) {
    lines.unshift(
      layOut(columns, titles, widths, (text) => (options.colour ? styleText('bold', text, FORCED) : text)),
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

const FORCED = { validateStream: false } as const; // whether colours are wanted was decided before

function toneOf<Row>(column: Column<Row> | undefined, row: Row | undefined): Tone | undefined {
  return row === undefined ? undefined : column?.tone?.(row);
}

/** A text in the colour of its tone. */
export function paint(text: string, tone: Tone | undefined, colour: boolean): string {
  return tone === undefined || !colour ? text : styleText(TONES[tone], text, FORCED);
}

function layOut<Row>(
  columns: readonly Column<Row>[],
  texts: readonly string[],
  widths: readonly number[],
  style: (text: string, at: number) => string,
): string {
  return texts
    .map((text, at) => {
      const width = widths[at] ?? 0;
      const cut = truncate(text, width);
      const space = ' '.repeat(Math.max(0, width - textWidth(cut)));
      if (columns[at]?.right === true) return space + style(cut, at);
      return at === texts.length - 1 ? style(cut, at) : style(cut, at) + space;
    })
    .join(GAP);
}

/** Takes columns off the widest of those that may shrink, until all fit or none can give more. */
function fit<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number | undefined,
): readonly number[] {
  if (width === undefined) return natural;
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [at, column] of columns.entries()) {
      const each = widths[at] ?? 0;
      if (column.shrinks === true && each > NARROWEST && each > (widths[widest] ?? 0)) widest = at;
    }
    if (widest === -1) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}
