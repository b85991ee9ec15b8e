import type { Run } from '../run.ts';
import { safeBlock, safeJson, safeText } from './safe-text.ts';
import { safeYaml } from './safe-yaml.ts';
import { type Column, paint, renderTable, type Tone } from './table.ts';
import { textWidth } from './text-width.ts';

/** Writes to standard output; the text must be safe already. */
export function write(run: Run, text: string): void {
  run.io.stdout.write(text);
}

/** Tells the person something beside the result, on standard error; silent with `--quiet`. */
export function say(run: Run, text: string): void {
  if (run.format !== 'quiet') run.io.stderr.write(`${safeBlock(text)}\n`);
}

/** A list in the asked-for form. `document` is what the API answered, `handle` what `--quiet` prints of a row. */
export async function printList<Row>(
  run: Run,
  list: Readonly<{
    rows: readonly Row[];
    columns: readonly Column<Row>[];
    document: unknown;
    handle: (row: Row) => string;
    header: boolean;
    empty: string;
  }>,
): Promise<void> {
  if (run.format === 'quiet') return write(run, lines(list.rows.map(list.handle)));
  if (run.format !== 'table') return printDocument(run, list.document);
  if (list.rows.length === 0) return say(run, list.empty);
  write(
    run,
    renderTable(list.columns, list.rows, {
      header: list.header,
      colour: run.colour,
      width: run.io.stdout.isTTY === true ? (run.io.stdout.columns ?? 80) : undefined,
    }),
  );
}

/** One JSON or YAML document. */
export async function printDocument(run: Run, document: unknown): Promise<void> {
  if (run.format === 'yaml') write(run, await safeYaml(document));
  else write(run, `${safeJson(document)}\n`);
}

/** A line of a description: its label, its text (several lines are indented), and how it looks. */
export type Fact = readonly [label: string, text: string | null | undefined, tone?: Tone | undefined];

/** One object in the asked-for form; facts without text are left out. */
export async function printObject(
  run: Run,
  object: Readonly<{
    document: unknown;
    handle: string;
    facts: readonly Fact[];
    sections?: readonly Section[];
  }>,
): Promise<void> {
  if (run.format === 'quiet') return write(run, lines([object.handle]));
  if (run.format !== 'table') return printDocument(run, object.document);
  write(run, factLines(object.facts, run.colour));
  for (const section of object.sections ?? []) {
    if (section.text !== '') write(run, `\n${section.title}:\n${indent(section.text)}`);
  }
}

/** A titled block below the facts of an object; its text is safe already. */
export type Section = Readonly<{ title: string; text: string }>;

/** A table as a section. */
export function tableSection<Row>(
  run: Run,
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Section {
  return { title, text: renderTable(columns, rows, { header: true, colour: run.colour }) };
}

/** Keys and values as a section. */
export function mapSection(title: string, values: Readonly<Record<string, string>>): Section {
  const facts = Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]): Fact => [key, value]);
  return { title, text: factLines(facts, false) };
}

function factLines(facts: readonly Fact[], colour: boolean): string {
  const shown = facts.filter(([, text]) => text !== null && text !== undefined && text !== '');
  const width = Math.max(0, ...shown.map(([label]) => textWidth(safeText(label)))) + 2;
  return shown
    .map(([label, text, tone]) => {
      const name = `${safeText(label)}:`.padEnd(width);
      const [first = '', ...more] = safeBlock((text ?? '').replace(/\n+$/, '')).split('\n');
      if (more.length === 0) return `${name}${paint(first, tone, colour)}\n`;
      return `${name}|\n${[first, ...more].map((line) => `    ${line}\n`).join('')}`;
    })
    .join('');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${safeText(text)}\n`).join('');
}
