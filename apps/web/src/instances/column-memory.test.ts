import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hiddenColumns, keepHiddenColumns } from './column-memory.ts';

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe('remembered columns', () => {
  it('shows again what was chosen', () => {
    const storage = memory();
    keepHiddenColumns(storage, ['host', 'labels']);
    assert.deepEqual(hiddenColumns(storage), ['host', 'labels']);
    keepHiddenColumns(storage, []);
    assert.deepEqual(hiddenColumns(storage), []);
  });

  it('hides the rarely needed at first, never the name, and ignores what it does not know', () => {
    assert.deepEqual(hiddenColumns(memory()), ['limits', 'project', 'lxdproject', 'snapshots', 'created']);
    assert.deepEqual(hiddenColumns({ getItem: () => 'name,status,colour' }), ['status']);
  });
});
