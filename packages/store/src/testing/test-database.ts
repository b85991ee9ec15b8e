import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { connectStore, type Store } from '../connect-store.ts';
import { type Log, silentLog } from '../log.ts';
import { checksumOf, type MigrationSet, migrate, storeMigrations } from '../migrate.ts';
import { startTestPostgres } from './test-postgres.ts';

/** What {@link testDatabase} makes. */
export interface TestDatabaseOptions {
  /** As for `migrate`; the store's own are always there. */
  readonly migrations?: readonly MigrationSet[];
  readonly poolSize?: number;
  readonly log?: Log;
}

/** A fresh database of one test's own, open. */
export interface TestDatabase extends AsyncDisposable {
  readonly store: Store;
  readonly url: string;
  /** Closes the store and drops the database. Twice is harmless. */
  close(): Promise<void>;
}

/** The part of node:test's context that is needed to clear up. */
interface TestScope {
  after(fn: () => Promise<void>): void;
}

/**
 * A fresh, migrated database, cloned from a template that is made once per set of migrations. On the server
 * that `LONGSHORE_TEST_DATABASE` (an administrator's URL) names, or on one of this process' own.
 *
 * @param scope node:test's `t`: the database is dropped with the test. Without it, call `close()`.
 */
export async function testDatabase(
  scope?: TestScope,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const log = options.log ?? silentLog;
  const adminUrl = await testServer();
  const template = await templateFor(adminUrl, options.migrations ?? []);
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, (admin) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`),
  );
  const url = withDatabase(adminUrl, name);
  const store = connectStore({ url, poolSize: options.poolSize ?? 5, applicationName: name, log });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= store
      .close()
      .then(() => asAdmin(adminUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`)))
      .then(() => undefined);
    return closed;
  };
  scope?.after(close);
  return { store, url, close, [Symbol.asyncDispose]: close };
}

let ownServer: Promise<string> | undefined;

function testServer(): Promise<string> {
  const given = process.env.LONGSHORE_TEST_DATABASE;
  if (given) return Promise.resolve(given);
  ownServer ??= startTestPostgres().then((server) => server.adminUrl);
  return ownServer;
}

const templates = new Map<string, Promise<string>>();

async function templateFor(adminUrl: string, sets: readonly MigrationSet[]): Promise<string> {
  const all = [await storeMigrations(), ...sets];
  const text = JSON.stringify(all.map(({ room, files }) => [room, files.map((f) => [f.id, checksumOf(f)])]));
  const name = `template_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  const made = templates.get(name) ?? makeTemplate(adminUrl, name, sets);
  templates.set(name, made);
  // A template that could not be made is tried again by the next test, which then shows the same reason.
  made.catch(() => templates.delete(name));
  return made;
}

async function makeTemplate(adminUrl: string, name: string, sets: readonly MigrationSet[]): Promise<string> {
  await asAdmin(adminUrl, async (admin) => {
    // Test files run as processes of their own and meet here; the lock goes with the session.
    await admin.query('select pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount !== 0) return;
    const unfinished = `unfinished_${name}`;
    await admin.query(`drop database if exists ${unfinished} with (force)`);
    await admin.query(`create database ${unfinished}`);
    const store = connectStore({ url: withDatabase(adminUrl, unfinished), poolSize: 3, log: silentLog });
    try {
      await migrate(store, sets);
    } finally {
      await store.close();
    }
    await admin.query(`alter database ${unfinished} rename to ${name}`);
  });
  return name;
}

async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
