import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Column, renderTable } from './table.ts';
import { textWidth } from './text-width.ts';

type Row = Readonly<{ name: string; size: string; note: string }>;
const columns: readonly Column<Row>[] = [
  { name: 'name', value: (row) => row.name, shown: true, tone: () => 'good' },
  { name: 'size', value: (row) => row.size, shown: true, right: true },
  { name: 'note', value: (row) => row.note, shown: true, shrinks: true },
];
const rows: readonly Row[] = [
  { name: 'web', size: '9', note: 'short' },
  { name: '日本', size: '1000', note: 'a note that is longer than the terminal is wide' },
  { name: 'é', size: '', note: '' },
];

describe('a table', () => {
  it('aligns by columns of the terminal, not by characters', () => {
    assert.equal(
      renderTable(columns, rows, { header: true, colour: false }),
      [
        'NAME  SIZE  NOTE',
        'web      9  short',
        '日本  1000  a note that is longer than the terminal is wide',
        'é        -  -',
        '',
      ].join('\n'),
    );
  });

  it('cuts only what may be cut to fit the terminal', () => {
    const text = renderTable(columns, rows, { header: false, colour: false, width: 30 });
    assert.match(text, /日本 {2}1000 {2}a note that is lo…\n/);
    for (const line of text.split('\n')) assert.ok(textWidth(line) <= 30, line);
  });

  it('overflows rather than cut names on a terminal that is far too narrow', () => {
    assert.match(
      renderTable(columns, rows, { header: false, colour: false, width: 5 }),
      /日本 {2}1000 {2}a note …/,
    );
  });

  it('has the same text with and without colours', () => {
    const plain = renderTable(columns, rows, { header: true, colour: false });
    const coloured = renderTable(columns, rows, { header: true, colour: true });
    assert.notEqual(coloured, plain);
    assert.equal(stripVTControlCharacters(coloured), plain);
  });
});
