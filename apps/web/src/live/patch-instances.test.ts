import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeInstance, madePage } from '../testing/made-instance.ts';
import { filtersForIds, patchHosts, patchInstances } from './patch-instances.ts';

describe('patching the list of instances', () => {
  it('replaces what changed, drops what is gone, adds what is new, and leaves the rest as it was', () => {
    const [a, b, c] = [madeInstance({ id: 'a' }), madeInstance({ id: 'b' }), madeInstance({ id: 'c' })];
    const stopped = madeInstance({ id: 'b', status: 'stopped' });
    const added = madeInstance({ id: 'd' });
    const patched = patchInstances(madePage([a, b, c]), new Set(['b', 'c', 'd']), [
      madePage([stopped, added]),
    ]);
    assert.deepEqual(patched.items, [a, stopped, added]);
    assert.equal(patched.items[0], a, 'the same object');
    assert.equal(patched.total, 3);
  });

  it('tells at once which host is silent, and draws nothing anew where nothing is new', () => {
    const page = madePage([madeInstance({ id: 'a' })]);
    const [[id, host] = []] = Object.entries(page.hosts);
    assert.ok(id !== undefined && host !== undefined);
    const silent = { id, name: host.name, status: 'unreachable', observedAt: null } as const;
    const patched = patchHosts(page, [silent, { ...silent, id: 'another' }]);
    assert.equal(patched.hosts[id]?.status, 'unreachable');
    assert.deepEqual(Object.keys(patched.hosts), Object.keys(page.hosts));
    assert.equal(patched.items, page.items, 'the same rows');
    assert.equal(patchHosts(patched, [silent]), patched);
  });

  it('asks for any number of instances in filters that the API takes', () => {
    const ids = Array.from(
      { length: 60 },
      (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    );
    const filters = filtersForIds(ids);
    assert.equal(filters.length, 3);
    assert.ok(filters.every((filter) => filter.length <= 1024));
    assert.deepEqual(
      filters.flatMap((filter) => filter.slice(3).split(',')),
      ids,
    );
  });
});
