import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { connectStore, migrate, silentLog } from './index.ts';
import { testDatabase } from './testing/index.ts';

const file = (id: string, text: string) => ({ id, sql: text });
const one = file('0001-things', 'create table things (n int); insert into things values (1)');
const two = file('0002-more', 'insert into things values (2); select pg_sleep(0.1)');

describe('migrating', () => {
  it('is done once by many that start at once, and a statement without transaction does not block them', async (t) => {
    const { url } = await testDatabase(t);
    const index = file('0003-index', '-- no-transaction\ncreate index concurrently things_n on things (n)');
    const stores = Array.from({ length: 4 }, () => connectStore({ url, poolSize: 3, log: silentLog }));
    await Promise.all(stores.map((store) => migrate(store, [{ room: 'test', files: [one, two, index] }])));
    const { rows } = await sql`select n from things order by n`.execute(stores[0]?.db ?? assert.fail());
    assert.deepEqual(rows, [{ n: 1 }, { n: 2 }]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('keeps nothing of a file that fails, and goes on from there when it is mended', async (t) => {
    const { store } = await testDatabase(t);
    const broken = file('0002-more', 'insert into things values (2); select 1/0');
    await assert.rejects(migrate(store, [{ room: 'test', files: [one, broken] }]), {
      code: 'migration_failed',
    });
    assert.deepEqual((await sql`select n from things`.execute(store.db)).rows, [{ n: 1 }]);
    await migrate(store, [{ room: 'test', files: [one, two] }]);
    assert.deepEqual((await sql`select n from things order by n`.execute(store.db)).rows, [
      { n: 1 },
      { n: 2 },
    ]);
  });

  it('refuses a newer database, a changed file, a file before the last one, and odd names', async (t) => {
    const { store } = await testDatabase(t);
    await migrate(store, [{ room: 'test', files: [one, two] }]);
    const cases = [
      [[one], 'database_newer'],
      [[one, file('0002-more', '-- changed')], 'migration_changed'],
      [[one, file('0001-things', ''), two], 'migration_invalid'],
      [[file('1-things', '')], 'migration_invalid'],
    ] as const;
    for (const [files, code] of cases) {
      await assert.rejects(migrate(store, [{ room: 'test', files }]), { code });
    }
    await assert.rejects(migrate(store, []), { code: 'database_newer' });
    await migrate(store, [
      { room: 'test', files: [one, two] },
      { room: 'late', files: [file('0002-b', 'select 1')] },
    ]);
    const late = { room: 'late', files: [file('0001-a', 'select 1'), file('0002-b', 'select 1')] };
    await assert.rejects(migrate(store, [{ room: 'test', files: [one, two] }, late]), {
      code: 'migration_out_of_order',
    });
  });
});
