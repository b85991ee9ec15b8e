import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { createSealer, resealColumn } from '../index.ts';
import { testDatabase } from '../testing/index.ts';

describe('after a rotation', () => {
  it('every value of a column is sealed under the new key, and the old one can go', async (t) => {
    const files = [{ id: '0001-secrets', sql: 'create table secrets (id int primary key, value text)' }];
    const { store } = await testDatabase(t, { migrations: [{ room: 'test', files }] });
    const [a, b] = [
      { id: 'a', key: randomBytes(32) },
      { id: 'b', key: randomBytes(32) },
    ];
    const old = createSealer({ keys: [a], active: 'a' });
    for (let id = 0; id < 230; id += 1) {
      const value = id === 7 ? null : old.seal(`secret ${id}`, `secrets.value:${id}`);
      await sql`insert into secrets values (${id}, ${value})`.execute(store.db);
    }
    const contextOf = (id: string) => `secrets.value:${id}`;
    const target = { table: 'secrets', column: 'value', contextOf };
    const both = createSealer({ keys: [a, b], active: 'b' });
    assert.equal(await resealColumn(store, both, target), 229);
    assert.equal(await resealColumn(store, both, target), 0);

    const fresh = createSealer({ keys: [b], active: 'b' });
    const { rows } = await sql<{
      id: number;
      value: string | null;
    }>`select * from secrets order by id`.execute(store.db);
    for (const { id, value } of rows) {
      if (value === null) assert.equal(id, 7);
      else assert.equal(fresh.open(value, contextOf(String(id))), `secret ${id}`);
    }
  });
});
