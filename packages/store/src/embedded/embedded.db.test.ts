import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { connectStore, type EmbeddedPostgres, silentLog, startEmbeddedPostgres } from '../index.ts';
import { fastFolder } from '../testing/fast-folder.ts';
import { waitUntil } from '../testing/index.ts';

const settings = { full_page_writes: 'on' };

async function folder(t: TestContext, mode: number): Promise<string> {
  const path = await mkdtemp(join(await fastFolder(), 'longshore-embedded-'));
  await chmod(path, mode);
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(t: TestContext, dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings });
  t.after(() => server.stop());
  return server;
}

describe('the embedded PostgreSQL', () => {
  it('starts, refuses a second starter, keeps its data, and refuses another major version', async (t) => {
    // 0700: as root, PostgreSQL's own account cannot pass such a folder by itself.
    const dataDir = join(await folder(t, 0o700), 'data');
    const first = await start(t, dataDir);
    const store = connectStore({ url: first.url, log: silentLog });
    await sql`create table kept (n int)`.execute(store.db);
    await sql`insert into kept values (1)`.execute(store.db);
    const shown = await sql<{ fsync: string; addresses: string; checksums: string; collation: string }>`
      select current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses,
        current_setting('data_checksums') as checksums,
        (select datlocale from pg_database where datname = 'longshore') as collation`.execute(store.db);
    assert.deepEqual(shown.rows, [{ fsync: 'on', addresses: '', checksums: 'on', collation: 'C.UTF-8' }]);
    if (process.getuid?.() === 0 && process.platform === 'linux') {
      const status = await readFile(`/proc/${first.pid}/status`, 'utf8');
      assert.doesNotMatch(status, /^Uid:\s+0\s/m, 'it does not run as root');
    }
    await assert.rejects(startEmbeddedPostgres({ dataDir }), { code: 'postgres_data_in_use' });
    await store.close();
    await first.stop();

    const second = await start(t, dataDir);
    const again = connectStore({ url: second.url, log: silentLog });
    assert.deepEqual((await sql`select n from kept`.execute(again.db)).rows, [{ n: 1 }]);
    await again.close();
    await second.stop();

    await writeFile(join(dataDir, 'cluster/PG_VERSION'), '15\n');
    await assert.rejects(startEmbeddedPostgres({ dataDir }), { code: 'postgres_data_wrong_major' });
    assert.ok((await stat(join(dataDir, 'cluster/base'))).isDirectory());
  });

  it('refuses a folder that holds something else', async (t) => {
    const dataDir = join(await folder(t, 0o711), 'data');
    await mkdir(join(dataDir, 'cluster'), { recursive: true });
    await writeFile(join(dataDir, 'cluster/letters.txt'), 'mine');
    await assert.rejects(startEmbeddedPostgres({ dataDir }), { code: 'postgres_data_not_ours' });
    assert.equal(await readFile(join(dataDir, 'cluster/letters.txt'), 'utf8'), 'mine');
  });

  it('killed again and again during writes, comes back, and loses no acknowledged write', async (t) => {
    const server = await start(t, join(await folder(t, 0o711), 'data'));
    const exits: unknown[] = [];
    server.onExit((exit) => exits.push(exit.signal));
    const store = connectStore({ url: server.url, log: silentLog });
    await sql`create table writes (n int primary key)`.execute(store.db);
    const heard: string[] = [];
    let resynced = 0;
    const listening = await store.listen('news', {
      onNotify: (payload) => heard.push(payload),
      onReconnect: () => {
        resynced += 1;
      },
    });
    const acknowledged: number[] = [];
    let next = 0;
    let writing = true;
    const write = async () => {
      while (writing) {
        const n = next++;
        const ok = await sql`insert into writes values (${n})`.execute(store.db).then(
          () => true,
          () => false, // cut off: whether it was kept is unknown, and was not acknowledged
        );
        if (ok) acknowledged.push(n);
      }
    };
    const writers = [write(), write(), write(), write()];
    for (let round = 1; round <= 3; round += 1) {
      const before = acknowledged.length;
      await waitUntil('writes go through', () => acknowledged.length > before + 100);
      process.kill(server.pid, 'SIGKILL');
      await waitUntil('the server was missed', () => exits.length === round);
      await waitUntil('listening works again', () => resynced >= round);
    }
    writing = false;
    await Promise.all(writers);
    const { rows } = await sql<{ n: number }>`select n from writes`.execute(store.db);
    const kept = new Set(rows.map((row) => row.n));
    assert.deepEqual(
      acknowledged.filter((n) => !kept.has(n)),
      [],
    );
    await store.notify('news', 'still here');
    await waitUntil('the notification came', () => heard.includes('still here'));
    assert.equal(await store.healthy(), true);
    listening.stop();
    await store.close();
    await server.stop();
    assert.deepEqual(exits, ['SIGKILL', 'SIGKILL', 'SIGKILL']);
  });

  /** Kills the process that looks after the server `afterMs` after `first` did its deed, and starts anew. */
  async function takeOver(t: TestContext, first: (postgres: number) => void, afterMs: number): Promise<void> {
    const dataDir = join(await folder(t, 0o711), 'data');
    const child = fork(new URL('../fixtures/server-process.ts', import.meta.url), {
      env: { ...process.env, TEST_DATA_DIR: dataDir },
    });
    t.after(() => child.kill('SIGKILL'));
    const pid = await new Promise<number>((resolve) => {
      child.once('message', (told: { readonly pid: number }) => resolve(told.pid));
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    first(pid);
    if (afterMs > 0) await delay(afterMs);
    child.kill('SIGKILL');
    await gone;
    const server = await start(t, dataDir);
    const store = connectStore({ url: server.url, log: silentLog });
    assert.equal(await store.healthy(), true);
    await store.close();
    await server.stop();
  }

  it('is taken over by the next process when its own was killed', (t) => takeOver(t, () => undefined, 0));

  // A dead server whose parent died too stays a zombie until the machine's first process reaps it.
  it('is taken over when both were killed', (t) => takeOver(t, (pid) => process.kill(pid, 'SIGKILL'), 0));

  // Around the moment when the killed server is started again: that one is an orphan before it is ready.
  for (const afterMs of [60, 100]) {
    it(`is taken over when its own was killed ${afterMs} ms after the server`, (t) =>
      takeOver(t, (pid) => process.kill(pid, 'SIGKILL'), afterMs));
  }
});
