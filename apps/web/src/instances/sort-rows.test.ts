import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeInstance, madePage } from '../testing/made-instance.ts';
import { rowsOfPage } from './rows-of-page.ts';
import { inOrderOf, sortRows } from './sort-rows.ts';

const items = [
  madeInstance({ id: '1', name: 'web10' }),
  madeInstance({ id: '2', name: 'web2', status: 'stopped' }),
  madeInstance({ id: '3', name: 'db' }),
];
const rows = rowsOfPage(madePage(items));
const names = (sort: string) => sortRows(rows, sort).map((each) => each.name);

describe('the rows of the table', () => {
  it('are in an order that counts numbers in names, turns round, and keeps equal ones by name', () => {
    assert.deepEqual(names('name'), ['db', 'web2', 'web10']);
    assert.deepEqual(names('-name'), ['web10', 'web2', 'db']);
    assert.deepEqual(names('-status'), ['web2', 'db', 'web10']);
  });

  it('stay the same objects where nothing changed, and only there', () => {
    const [first, second, third] = items;
    assert.ok(first && second && third);
    const page = madePage([first, { ...second, status: 'running' }, third]);
    const now = rowsOfPage(page);
    assert.deepEqual(
      now.map((row, index) => row === rows[index]),
      [true, false, true],
    );
    const renamed = rowsOfPage({ ...page, hosts: { h1: { name: 'b', status: 'online', observedAt: null } } });
    assert.deepEqual(
      renamed.map((row) => row.hostName),
      ['b', 'b', 'b'],
    );
  });

  it('keep their order when some go and some come, so that sorting again is cheap', () => {
    const [first, second, third] = rows;
    assert.ok(first && second && third);
    const added = { ...first, id: '4' };
    assert.deepEqual(inOrderOf([third, second, first], [first, added, third]), [third, first, added]);
  });
});
