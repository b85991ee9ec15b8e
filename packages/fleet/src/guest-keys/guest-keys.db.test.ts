import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { countJobs, createSealer, readMigrations, silentLog, sql } from '@longshore/store';
import { testDatabase, waitUntil } from '@longshore/store/testing';
import { createFleetContext, type FleetContext } from '../fleet-context.ts';
import { fleetMigrations } from '../fleet-migrations.ts';
import { knownHosts } from '../host-keys/known-hosts.ts';
import type { TestScope } from '../testing/test-fleet.ts';
import { deliverKeys } from './deliver-keys.ts';
import { startDispatch } from './dispatch-changes.ts';
import type { GuestKey } from './guest-key.ts';
import { wakeGuestsOf } from './guest-keys-job.ts';
import { countGuestKeys, readGuestKeys } from './read-guest-keys.ts';
import { distrustGuest, requestGuestKeys } from './request-guest-keys.ts';

const timeout = 90_000;
const anna: GuestKey = {
  fingerprint: 'SHA256:anna',
  type: 'ssh-ed25519',
  publicKey: 'ssh-ed25519 AAAA',
  comment: '',
  personId: randomUUID(),
  person: 'anna',
};

type Opened = Readonly<{
  context: FleetContext;
  host: string;
  project: string;
  setKeys(keys: readonly GuestKey[]): void;
}>;

/** A fleet that is only rows: nothing answers at the address of its host. */
async function open(
  t: TestScope & { after(fn: () => Promise<void>): void },
  hostStatus = 'online',
): Promise<Opened> {
  const events = await readMigrations('events', new URL('../../../events/migrations/', import.meta.url));
  const { store } = await testDatabase(t, { migrations: [events, await fleetMigrations()], poolSize: 10 });
  const key = { id: 'test', key: randomBytes(32) };
  let keys: readonly GuestKey[] = [];
  const context = createFleetContext({
    store,
    sealer: createSealer({ keys: [key], active: key.id }),
    log: silentLog,
    dataDir: '/nowhere',
    workerId: 'test',
    guestKeySource: async () => keys,
  });
  t.after(() => context.connections.close());
  const [host, project] = [randomUUID(), randomUUID()];
  await sql`INSERT INTO hosts (id, name, kind, url, fingerprint, created_by, status)
    VALUES (${host}::uuid, 'a', 'lxd', 'https://127.0.0.1:1', ${'0'.repeat(64)}, 'test', ${hostStatus})`.execute(
    store.db,
  );
  await sql`INSERT INTO projects (id, name, created_by) VALUES (${project}::uuid, 'lab', 'test')`.execute(
    store.db,
  );
  return {
    context,
    host,
    project,
    setKeys: (now) => {
      keys = now;
    },
  };
}

async function instance(
  { context, host, project }: Opened,
  name: string,
  with_: Partial<
    Readonly<{ claimed: boolean; status: string; addresses: readonly string[]; inProject: boolean }>
  > = {},
): Promise<string> {
  const { claimed = true, status = 'running', addresses = [], inProject = true } = with_;
  const id = randomUUID();
  const shown = addresses.map((address) => ({ device: 'eth0', address, family: 'ipv4', scope: 'global' }));
  await sql`INSERT INTO instances (id, host_id, name, type, claimed, status, project_id, addresses)
    VALUES (${id}::uuid, ${host}::uuid, ${name}, 'container', ${claimed}, ${status},
      ${claimed && inProject ? project : null}::uuid, ${JSON.stringify(shown)}::jsonb)`.execute(
    context.store.db,
  );
  return id;
}

const changes = async ({ context }: Opened): Promise<readonly string[]> =>
  (
    await sql<{ t: string }>`SELECT kind || ' ' || scope AS t FROM guest_key_changes ORDER BY seq`.execute(
      context.store.db,
    )
  ).rows.map(({ t }) => t);
const run = () => ({ signal: new AbortController().signal, fence: { check: async () => undefined } });

describe('keys of guests', { timeout }, () => {
  it('are looked at once for many changes, only where they are ours to look at, and four at a time per host', async (t) => {
    const fleet = await open(t);
    const { context, host, project } = fleet;
    const { store } = context;
    const ours = await Promise.all(Array.from({ length: 120 }, (_, n) => instance(fleet, `c${n}`)));
    await Promise.all(Array.from({ length: 10 }, (_, n) => instance(fleet, `found${n}`, { claimed: false })));
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => instance(fleet, `off${n}`, { status: 'stopped' })),
    );
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        store.transaction((trx) =>
          requestGuestKeys(trx, [
            n % 2 === 0 ? { kind: 'project', scope: project } : { kind: 'host', scope: host },
            { kind: 'label', scope: 'none=such' },
          ]),
        ),
      ),
    );
    for (const dispatch of await Promise.all([startDispatch(context), startDispatch(context)]))
      t.after(dispatch.stop);
    await waitUntil('all changes are dispatched', async () => (await changes(fleet)).length === 0);
    const [jobs] = (await countJobs(store.db)).filter(({ name }) => name === 'guest-keys');
    assert.equal(Number(jobs?.waiting), ours.length);
    const { rows } = await sql<{ n: number }>`
      SELECT count(DISTINCT job_queue_id)::integer AS n FROM graphile_worker._private_jobs`.execute(store.db);
    assert.equal(rows[0]?.n, 4);
  });

  it('are looked at when a guest starts, moves, changes hands or is claimed, and at nothing else', async (t) => {
    const fleet = await open(t);
    const { store } = fleet.context;
    const id = await instance(fleet, 'web', { status: 'stopped' });
    const found = await instance(fleet, 'found', { claimed: false });
    const noted = async (change: ReturnType<typeof sql>): Promise<number> => {
      await sql`DELETE FROM guest_key_changes`.execute(store.db);
      await change.execute(store.db);
      return (await changes(fleet)).length;
    };
    const set = (what: string, of = id) => noted(sql`UPDATE instances SET ${sql.raw(what)} WHERE id = ${of}`);
    assert.equal(await set("status = 'running', last_used_at = '2026-01-01'"), 1);
    assert.equal(await set("status = 'running', last_used_at = '2026-01-01', addresses = '[]'"), 0);
    assert.equal(await set("last_used_at = '2026-01-02'"), 1, 'a restart that nobody saw');
    assert.equal(await set("status = 'stopped'"), 0);
    assert.equal(await set('project_id = NULL'), 1);
    assert.equal(await set(`labels = '{"team": "web"}'`), 1);
    assert.equal(await set("login_users = '{deploy}'"), 1);
    assert.equal(await set("status = 'running'", found), 0);
    assert.equal(await set('claimed = true', found), 1);
    assert.deepEqual(
      (await readGuestKeys(fleet.context, found)).users.map(({ user, state }) => [user, state]),
      [['root', 'pending']],
    );
  });

  it('wait for a host that does not answer, and for a guest that does not run', async (t) => {
    const fleet = await open(t, 'unreachable');
    const { context } = fleet;
    const id = await instance(fleet, 'web');
    assert.equal(
      await deliverKeys(context, id, run()),
      'done',
      'nobody may log in: the host is not even asked',
    );
    fleet.setKeys([anna]);
    const outcome = await deliverKeys(context, id, run());
    assert.ok(typeof outcome === 'object' && outcome.againAfterMs > 0);
    const now = await readGuestKeys(context, id);
    assert.deepEqual(
      now.users.map(({ user, state }) => [user, state]),
      [['root', 'unreachable']],
    );
    assert.match(now.users[0]?.reason ?? '', /does not answer/);
    assert.deepEqual(
      now.keys.map(({ state, users }) => [state, users]),
      [['pending', []]],
    );
    const places = { fleet: 'none', projects: [fleet.project], hosts: [], labels: [] } as const;
    assert.deepEqual(await countGuestKeys(context, anna.personId, places), {
      inStep: 0,
      pending: 1,
      leaving: 0,
    });
    await wakeGuestsOf(context, fleet.host);
    assert.deepEqual(await changes(fleet), [`instance ${id}`]);
    await sql`UPDATE instances SET status = 'stopped'`.execute(context.store.db);
    assert.equal(await deliverKeys(context, id, run()), 'done');
    assert.deepEqual(
      (await readGuestKeys(context, id)).users.map(({ state }) => state),
      ['pending'],
    );
    // It was in step, and is a copy now, or set back: what we believe of it does not count.
    await sql`UPDATE guest_keys SET state = 'in_step', present = ${JSON.stringify([anna])}::jsonb`.execute(
      context.store.db,
    );
    await context.store.transaction((trx) => distrustGuest(trx, id));
    fleet.setKeys([]);
    const none = { ...places, projects: [] };
    assert.deepEqual(await countGuestKeys(context, anna.personId, none), {
      inStep: 0,
      pending: 0,
      leaving: 1,
    });
    assert.deepEqual(
      (await readGuestKeys(context, id)).keys.map(({ state }) => state),
      ['leaving'],
    );
  });

  it('are told of host keys by name, and by address only where one guest alone shows it', async (t) => {
    const fleet = await open(t);
    const { store } = fleet.context;
    const give = async (id: string, key: string) => {
      await sql`INSERT INTO ssh_host_keys (id, instance_id, type, bits, fingerprint, public_key, private_sealed, origin)
        VALUES (gen_random_uuid(), ${id}::uuid, 'ed25519', 256, 'x', ${key}, 'x', 'made')`.execute(store.db);
    };
    await give(await instance(fleet, 'web', { addresses: ['192.0.2.1', '192.0.2.7'] }), 'ssh-ed25519 WEB');
    // Another one, without a key of ours and out of sight, claims one of them.
    await instance(fleet, 'thief', { addresses: ['192.0.2.7'], inProject: false });
    await give(
      await instance(fleet, 'other', { addresses: ['192.0.2.9'], inProject: false }),
      'ssh-ed25519 OTHER',
    );
    assert.equal(
      await knownHosts(store, 'all', true),
      'other,192.0.2.9 ssh-ed25519 OTHER\nweb,192.0.2.1 ssh-ed25519 WEB\n',
    );
    const reach = { projects: [fleet.project], hosts: [], labels: [], requesterId: '' };
    assert.equal(await knownHosts(store, reach, false), 'web ssh-ed25519 WEB\n');
  });
});
