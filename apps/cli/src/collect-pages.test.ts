import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectPages, joinPages } from './collect-pages.ts';

const COUNT = 2500;
const numbers = Array.from({ length: COUNT }, (_, at) => at);

/** A server that has the numbers; its cursor is where to go on. */
async function fetchPage({ limit, cursor }: { limit: number; cursor?: string }) {
  const from = Number(cursor ?? 0);
  const items = numbers.slice(from, from + limit);
  const next = from + limit < COUNT ? String(from + limit) : null;
  return { items, next, total: COUNT, hosts: { [`host${from}`]: { from } } };
}

describe('a list', () => {
  it('is fetched page by page until its end, and joined to one page', async () => {
    const list = await collectPages(undefined, fetchPage);
    assert.deepEqual(joinPages(list), {
      items: numbers,
      next: null,
      total: COUNT,
      hosts: { host0: { from: 0 }, host1000: { from: 1000 }, host2000: { from: 2000 } },
    });
  });

  it('ends at the limit, and says where to go on', async () => {
    const list = await collectPages(1500, fetchPage);
    assert.equal(list.items.length, 1500);
    assert.equal(list.next, '1500');
    assert.equal((await collectPages(COUNT, fetchPage)).next, null);
  });
});
