import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstancePage, LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { openTestFleet, type TestFleet } from '../testing/test-fleet.ts';
import { getInstance } from './get-instance.ts';
import { listInstances } from './list-instances.ts';

/** 120 instances on three hosts, of all kinds; many share a name, a state and a moment. */
async function furnish(t: Parameters<typeof openTestFleet>[0]): Promise<TestFleet> {
  const fleet = await openTestFleet(t, { count: 3 });
  await sql`
    INSERT INTO instances (id, host_id, lxd_project, name, type, status, claimed, protected, labels, config, addresses,
      snapshots, image, created_at, observed_at)
    SELECT gen_random_uuid(), h.id, CASE WHEN n % 2 = 0 THEN 'default' ELSE 'lab' END,
      (ARRAY['web', 'db', 'a_b%c'])[1 + n % 3] || '-' || n / 6,
      CASE WHEN n % 20 = 0 THEN 'virtual-machine' ELSE 'container' END,
      CASE WHEN n % 4 = 0 THEN 'stopped' ELSE 'running' END, n % 3 = 0, n % 10 = 0,
      jsonb_build_object('env', CASE WHEN n % 5 = 0 THEN 'test' ELSE 'prod' END),
      '{"limits.cpu": "2", "limits.memory": "1GiB"}',
      jsonb_build_array(
        jsonb_build_object('device', 'eth0', 'address', '2001:db8::' || to_hex(n), 'family', 'ipv6', 'scope', 'global'),
        jsonb_build_object('device', 'eth0', 'address', '10.0.0.' || n, 'family', 'ipv4', 'scope', 'global'),
        jsonb_build_object('device', 'eth0', 'address', 'fe80::1', 'family', 'ipv6', 'scope', 'link')),
      '[{"name": "s1", "createdAt": null, "expiresAt": null, "stateful": false}]',
      CASE WHEN n % 7 = 0 THEN NULL ELSE 'Debian 12' END,
      CASE WHEN n % 6 = 0 THEN NULL ELSE timestamptz '2026-11-30T10:00:00.123456Z' + (n / 12) * interval '1 microsecond' END,
      now()
    FROM generate_series(1, 120) n
    JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS place FROM hosts) h ON h.place = n % 3`.execute(
    fleet.context.store.db,
  );
  return fleet;
}

async function page(fleet: TestFleet, query: Parameters<typeof listInstances>[1]) {
  return InstancePage.parse(JSON.parse(String((await listInstances(fleet.context, query)).json)));
}

async function names(fleet: TestFleet, filter: string): Promise<number> {
  const found = await page(fleet, { limit: 200, filter });
  assert.equal(found.total, found.items.length);
  return found.items.length;
}

describe('the list of instances', () => {
  it('says of each line what its page says, in the form of the contract', async (t) => {
    const fleet = await furnish(t);
    const all = await page(fleet, { limit: 200 });
    assert.equal(all.items.length, 120);
    assert.equal(Object.keys(all.hosts).length, 3);
    for (const line of all.items.slice(0, 10)) {
      const whole = await getInstance(fleet.context, line.id);
      const { addresses, snapshots, ...rest } = line;
      for (const [key, value] of Object.entries(rest)) {
        assert.deepEqual(Object.entries(whole).find(([name]) => name === key)?.[1], value, key);
      }
      assert.equal(whole.snapshots.length, snapshots);
      const global = whole.addresses.filter(({ scope }) => scope === 'global');
      assert.deepEqual(
        addresses,
        global.sort((a, b) => (a.family < b.family ? -1 : 1)).map(({ address }) => address),
      );
      assert.deepEqual(whole.host, { id: line.hostId, ...all.hosts[line.hostId] });
    }
  });

  it('comes in pages that together hold each instance once and in order, by every sort', async (t) => {
    const fleet = await furnish(t);
    const whole = new Set((await page(fleet, { limit: 200 })).items.map(({ id }) => id));
    for (const by of ['name', 'status', 'createdAt', 'host']) {
      for (const sort of [by, `-${by}`]) {
        const seen: string[] = [];
        const keys: string[] = [];
        let cursor: string | undefined;
        do {
          const { items, next, total, hosts } = await page(fleet, { limit: 7, sort, cursor });
          assert.equal(total, 120);
          for (const item of items) {
            seen.push(item.id);
            if (by === 'name' || by === 'status') keys.push(item[by]);
            if (by === 'host') keys.push(hosts[item.hostId]?.name ?? '');
          }
          cursor = next ?? undefined;
        } while (cursor !== undefined);
        assert.equal(seen.length, 120, sort);
        assert.deepEqual(new Set(seen), whole, sort);
        const ordered = [...keys].sort();
        assert.deepEqual(keys, sort === by ? ordered : ordered.reverse(), sort);
      }
    }
  });

  it('holds thousands in one page, in order', async (t) => {
    const fleet = await openTestFleet(t, { count: 2 });
    await sql`
      INSERT INTO instances (id, host_id, name, type, status)
      SELECT gen_random_uuid(), h.id, 'i' || lpad((n / 3)::text, 5, '0'), 'container', 'stopped'
      FROM generate_series(1, 1203) n JOIN (SELECT id, row_number() OVER () - 1 AS place FROM hosts) h ON h.place = n % 2
      ON CONFLICT DO NOTHING`.execute(fleet.context.store.db);
    const all = await page(fleet, { limit: 10_000, sort: '-name' });
    assert.equal(all.items.length, all.total);
    assert.ok(all.items.length > 700);
    assert.equal(new Set(all.items.map(({ id }) => id)).size, all.items.length);
    const names = all.items.map(({ name }) => name);
    assert.deepEqual(names, [...names].sort().reverse());
    assert.deepEqual([all.next, Object.keys(all.hosts).length], [null, 2]);
    const most = await page(fleet, { limit: 600, sort: '-name' });
    const rest = await page(fleet, { limit: 600, sort: '-name', cursor: most.next ?? '' });
    assert.deepEqual([...most.items, ...rest.items], all.items);
  });

  it('is filtered by each field, by wildcards, alternatives, negation and words', async (t) => {
    const fleet = await furnish(t);
    assert.equal(await names(fleet, 'status:stopped'), 30);
    assert.equal(await names(fleet, '-status:stopped'), 90);
    assert.equal(await names(fleet, 'status:stopped,running'), 120);
    assert.equal(await names(fleet, 'host:sim1'), 40);
    assert.equal(await names(fleet, 'host:sim1,sim2 type:vm'), 4);
    assert.equal(await names(fleet, `host:${fleet.hostIds[0]}`), 40);
    assert.equal(await names(fleet, 'name:web-*'), 40);
    assert.equal(await names(fleet, 'WEB'), 40);
    // What LIKE takes for wildcards are letters here.
    assert.equal(await names(fleet, 'name:a_b%c*'), 40);
    assert.equal(await names(fleet, 'name:a_b_c*'), 0);
    assert.equal(await names(fleet, '%'), 40);
    assert.equal(await names(fleet, 'label:env=test'), 24);
    assert.equal(await names(fleet, 'label:env=te*'), 24);
    assert.equal(await names(fleet, 'label:env'), 120);
    assert.equal(await names(fleet, '-label:site'), 120);
    assert.equal(await names(fleet, 'claimed:true protected:true'), 4);
    assert.equal(await names(fleet, 'lxdproject:lab'), 60);
    assert.equal(await names(fleet, 'address:10.0.0.7'), 1);
    assert.equal(await names(fleet, 'address:2001:DB8::7'), 1);
    assert.equal(await names(fleet, 'address:10.0.0.1*'), 32);
    assert.equal(await names(fleet, 'image:"Debian 12"'), 103);
    assert.equal(await names(fleet, '-image:Debian*'), 17);
    const [one] = (await page(fleet, { limit: 1 })).items;
    assert.equal(await names(fleet, `id:${one?.id}`), 1);
    assert.equal(await names(fleet, `id:${one?.id.slice(0, 8)}*`), 1);
    assert.equal(await names(fleet, `name:"x' OR true --"`), 0);
  });

  it('refuses what is no filter and no cursor of its own', async (t) => {
    const fleet = await furnish(t);
    const refused = (code: string) => (error: unknown) =>
      error instanceof LongshoreError && error.code === code;
    for (const filter of ['claimed:perhaps', 'colour:red', 'name:', 'name:,', 'name:"open']) {
      await assert.rejects(page(fleet, { limit: 5, filter }), refused('bad-filter'), filter);
    }
    const { next } = await page(fleet, { limit: 5 });
    const cursor = next ?? '';
    await assert.rejects(page(fleet, { limit: 5, cursor, sort: 'status' }), refused('bad-cursor'));
    await assert.rejects(page(fleet, { limit: 5, cursor, filter: 'web' }), refused('bad-cursor'));
    await assert.rejects(page(fleet, { limit: 5, cursor: `${cursor}x` }), refused('bad-cursor'));
    const forged = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const write = (a: unknown) => Buffer.from(JSON.stringify({ ...forged, a })).toString('base64url');
    for (const after of [['web', 'no uuid'], ['web'], [1, 2], ['web\0', crypto.randomUUID()]]) {
      await assert.rejects(page(fleet, { limit: 5, cursor: write(after) }), refused('bad-cursor'));
    }
  });
});
