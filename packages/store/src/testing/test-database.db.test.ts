import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from './index.ts';

describe('a test database', () => {
  it('is migrated, and another test does not see what one wrote', async (t) => {
    const migrations = [
      { room: 'a-room', files: [{ id: '0001-things', sql: 'create table things (n int)' }] },
    ];
    const [one, two] = await Promise.all([testDatabase(t, { migrations }), testDatabase(t, { migrations })]);
    await sql`insert into things values (1)`.execute(one.store.db);
    assert.deepEqual((await sql`select n from things`.execute(one.store.db)).rows, [{ n: 1 }]);
    assert.deepEqual((await sql`select n from things`.execute(two.store.db)).rows, []);
    assert.deepEqual(
      (
        await one.store.db
          .selectFrom('store_migrations')
          .select(['room', 'id'])
          .orderBy('id', 'desc')
          .execute()
      ).at(0),
      { room: 'store', id: '0001-workers-and-leases' },
    );
  });
});
