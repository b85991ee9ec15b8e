import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { addJob, backup, countJobs, restore, type Store } from '../index.ts';
import { testDatabase } from '../testing/index.ts';

const schema = `
  create table hosts (
    id bigint generated always as identity primary key, parent bigint references hosts, name text not null,
    labels jsonb, raw json, seen timestamptz, tags text[], blob bytea, price numeric, ratio float8,
    loud text generated always as (upper(name)) stored
  );
  create table instances (id uuid primary key, host bigint not null references hosts);
  create table log (what text);
  create table seeds (n int);
  insert into seeds values (1);
  create table now_only (n int);
  comment on table now_only is 'Who is here (not in backups).';
  create function note() returns trigger language plpgsql as $$
    begin insert into log values ('inserted'); return new; end $$;
  create trigger note after insert on instances for each row execute function note();`;
const migrations = [{ room: 'test', files: [{ id: '0001-hosts', sql: schema }] }];

async function fillIn(store: Store): Promise<void> {
  await sql`
    insert into hosts (name, labels, raw, seen, tags, blob, price, ratio)
    select 'host ' || n || E' "\\\\ \n\t é', jsonb_build_object('n', n, 'big', 9007199254740993::bigint),
      E'{"a" :\n 1, "a": 2}'::json, timestamptz '2026-11-30 12:00:00.123456+00', array['a', null, 'c,d'],
      decode('00ff10', 'hex'), 12345678901234567890.000000001, 0.1::float8 + 0.2::float8
    from generate_series(1, 1200) n`.execute(store.db);
  await sql`update hosts set parent = 1201 - id`.execute(store.db);
  await sql`insert into instances select gen_random_uuid(), id from hosts`.execute(store.db);
  await sql`delete from log where what = 'inserted'`.execute(store.db);
  await sql`update seeds set n = 2`.execute(store.db);
  await sql`insert into now_only values (1)`.execute(store.db);
  await addJob(store.db, 'later', { host: 1 }, { key: 'k', queue: 'q', afterMs: 3_600_000 });
}

async function dump(store: Store): Promise<unknown> {
  const hosts = sql`select *, raw::text as raw_text from hosts order by id`.execute(store.db);
  const instances = sql`select * from instances order by id`.execute(store.db);
  const seeds = sql`select * from seeds`.execute(store.db);
  return (await Promise.all([hosts, instances, seeds])).map(({ rows }) => rows);
}

async function backUp(store: Store): Promise<string> {
  const parts: Buffer[] = [];
  const write = (part: Buffer, _encoding: string, done: () => void) => {
    parts.push(part);
    setImmediate(done);
  };
  await backup(store, new Writable({ write }));
  return Buffer.concat(parts).toString();
}

describe('a backup', () => {
  it('comes back whole: every value, foreign keys, jobs, and the next id', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    await fillIn(store);
    const text = await backUp(store);

    const { store: fresh } = await testDatabase(t, { migrations });
    const summary = await restore(fresh, Readable.from([text]));
    assert.equal(summary.rows, 1200 + 1200 + 4); // and the job, its queue and its name, and a seed
    const strip = (value: unknown) => JSON.stringify(value).replaceAll('\\n', ' ');
    assert.equal(strip(await dump(fresh)), strip(await dump(store)));
    assert.deepEqual(await countJobs(fresh.db), await countJobs(store.db));
    const { rows } = await sql`insert into hosts (name) values ('next') returning id, loud`.execute(fresh.db);
    assert.deepEqual(rows, [{ id: 1201, loud: 'NEXT' }]);
    await assert.rejects(
      sql`insert into instances values (gen_random_uuid(), 99999)`.execute(fresh.db),
      /foreign key/,
    );
    await sql`insert into instances values (gen_random_uuid(), 1)`.execute(fresh.db);
    const { rows: log } = await sql`select * from log`.execute(fresh.db);
    assert.equal(log.length, 1, 'triggers work again');
  });

  it('changes nothing when it is damaged, cut off, of another version, or the database is not empty', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    await fillIn(store);
    const text = await backUp(store);
    const { store: fresh } = await testDatabase(t, { migrations });
    const lines = text.trimEnd().split('\n');
    const damaged = [
      text.replace('host 77 ', 'host 78 '),
      `${lines.slice(0, -1).join('\n')}\n`,
      `${lines.slice(0, 700).join('\n')}\n`,
      'no backup',
      '',
    ];
    for (const each of damaged) {
      await assert.rejects(restore(fresh, Readable.from([each])), { code: 'backup_invalid' });
    }
    const empty = await dump(fresh);
    assert.deepEqual(empty, [[], [], [{ n: 1 }]]);

    const { store: other } = await testDatabase(t);
    await assert.rejects(restore(other, Readable.from([text])), { code: 'backup_schema_mismatch' });
    await assert.rejects(restore(store, Readable.from([text])), { code: 'restore_not_empty' });
  });

  it('ends when whoever takes it goes away', async (t) => {
    const { store } = await testDatabase(t, { migrations });
    await fillIn(store);
    const target: Writable = new Writable({
      highWaterMark: 1,
      write: () => setImmediate(() => target.destroy()),
    });
    await assert.rejects(backup(store, target), /closed|destroyed/);
  });
});
