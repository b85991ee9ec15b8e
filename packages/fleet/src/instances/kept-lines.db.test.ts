import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { eventsMigrations } from '@longshore/events';
import { sql } from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import { fleetMigrations } from '../fleet-migrations.ts';
import { createKeptLines } from './kept-lines.ts';

describe('the kept lines of the instance list', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  const host = randomUUID();

  before(async () => {
    database = await testDatabase(undefined, {
      migrations: [await eventsMigrations(), await fleetMigrations()],
    });
    await sql`INSERT INTO hosts (id, name, kind, url, created_by) VALUES (${host}, 'a', 'lxd', 'https://a', 'test')`.execute(
      database.store.db,
    );
  });
  after(() => database?.[Symbol.asyncDispose]());

  const insert = async (...names: string[]) => {
    for (const name of names) {
      await sql`INSERT INTO instances (id, host_id, name, type) VALUES (${randomUUID()}, ${host}, ${name}, 'container')`.execute(
        database.store.db,
      );
    }
  };
  const names = (lines: readonly { name: string }[] | undefined) => lines?.map((line) => line.name);

  it('follow what is added, changed, renamed and removed, in order', async () => {
    const kept = createKeptLines(database.store);
    await insert('b', 'a', 'B');
    assert.deepEqual(names(await kept.read()), ['B', 'a', 'b']);
    await sql`UPDATE instances SET status = 'running' WHERE name = 'a'`.execute(database.store.db);
    const line = (await kept.read())?.find((one) => one.name === 'a');
    assert.match(line?.bytes.toString() ?? '', /"status":"running"/);
    await sql`UPDATE instances SET name = 'z' WHERE name = 'a'`.execute(database.store.db);
    await insert('c');
    assert.deepEqual(names(await kept.read()), ['B', 'b', 'c', 'z']);
    await sql`DELETE FROM instances WHERE name = 'b'`.execute(database.store.db);
    await insert('d');
    assert.deepEqual(names(await kept.read()), ['B', 'c', 'd', 'z']);
  });

  it('miss nothing that a slow transaction commits after a quicker and later one', async () => {
    const kept = createKeptLines(database.store);
    await kept.read();
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const slow = database.store.transaction(async (trx) => {
      await sql`INSERT INTO instances (id, host_id, name, type) VALUES (${randomUUID()}, ${host}, 'slow', 'container')`.execute(
        trx,
      );
      begun.resolve();
      await go.promise;
    });
    await begun.promise;
    await insert('quick');
    assert.ok(names(await kept.read())?.includes('quick'));
    go.resolve();
    await slow;
    assert.ok(names(await kept.read())?.includes('slow'));
  });

  it('leave a fleet that is too large to the database', async () => {
    await insert('e', 'f');
    assert.equal(await createKeptLines(database.store, 3).read(), undefined);
  });

  it('answer askers who come at the same moment with what was true when they asked, or later', async () => {
    const kept = createKeptLines(database.store);
    const first = kept.read();
    await insert('late');
    const [, second, third] = await Promise.all([first, kept.read(), kept.read()]);
    assert.ok(names(second)?.includes('late') && names(third)?.includes('late'));
  });
});
