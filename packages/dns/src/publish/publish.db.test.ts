import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { waitUntil } from '@longshore/store/testing';
import { createRecord, deleteRecord } from '../records/change-records.ts';
import { addressesJson, openTestDns, type TestDns } from '../testing/open-test-dns.ts';
import { deleteZone, updateZone } from '../zones/change-zones.ts';

const timeout = 120_000;
const withCode = (code: string) => (error: unknown) => error instanceof LongshoreError && error.code === code;

const change = (dns: TestDns, id: string, set: string) =>
  sql`UPDATE instances SET ${sql.raw(set)} WHERE id = ${id}::uuid`.execute(dns.store.db);

const write = (
  dns: TestDns,
  zone: string,
  name: string,
  type: 'A' | 'CNAME' | 'TXT' | 'NS' | 'PTR',
  value: string,
) => dns.store.transaction((trx) => createRecord(trx, zone, { name, type, value, ttlSeconds: null }, 'test'));

describe('the names of instances', () => {
  it('come with an address, and go with the instance', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    await dns.zone('i.test');
    await dns.zone('10.1.0.0/16');
    await dns.zone('2001:db8::/32');
    const web = await dns.instance('Web-1', ['10.1.2.3', '2001:db8::7']);
    await dns.until('web-1.i.test', 'A', ['10.1.2.3']);
    await dns.until('WEB-1.i.test', 'AAAA', ['2001:db8::7']);
    await dns.until('3.2.1.10.in-addr.arpa', 'PTR', ['web-1.i.test']);
    const reverse = `7.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
    await dns.until(reverse, 'PTR', ['web-1.i.test']);
    await change(dns, web, `name = 'db'`);
    await dns.until('db.i.test', 'A', ['10.1.2.3']);
    await dns.until('3.2.1.10.in-addr.arpa', 'PTR', ['db.i.test']);
    assert.equal((await dns.ask('web-1.i.test', 'A')).rcode, 'NXDOMAIN');
    await change(dns, web, `status = 'stopped'`);
    await dns.until('db.i.test', 'A', []);
    await change(dns, web, `status = 'running'`);
    await dns.until('db.i.test', 'A', ['10.1.2.3']);
    await sql`DELETE FROM instances WHERE id = ${web}::uuid`.execute(dns.store.db);
    await dns.until('db.i.test', 'A', []);
    assert.equal((await dns.ask('3.2.1.10.in-addr.arpa', 'PTR')).rcode, 'NXDOMAIN');
  });

  it('lie in the zone of their project, which comes, is renamed and goes with it', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    await dns.project('old');
    await dns.zone('i.test');
    const lab = await dns.project('lab');
    const web = await dns.instance('web', ['10.1.2.3'], { project: lab });
    await dns.until('web.lab.i.test', 'A', ['10.1.2.3']);
    assert.equal((await dns.ask('web.i.test', 'A')).rcode, 'NXDOMAIN');
    const soa = await dns.ask('lab.i.test', 'SOA');
    assert.equal(soa.answers?.[0]?.name, 'lab.i.test');
    assert.deepEqual(await dns.data('old.i.test', 'NS'), ['ns1.test', 'ns2.test']);
    await sql`UPDATE projects SET name = 'shop' WHERE id = ${lab}::uuid`.execute(dns.store.db);
    await dns.until('web.shop.i.test', 'A', ['10.1.2.3']);
    assert.equal((await dns.ask('web.lab.i.test', 'A')).rcode, 'NXDOMAIN');
    await change(dns, web, 'project_id = NULL');
    await dns.until('web.i.test', 'A', ['10.1.2.3']);
    await sql`DELETE FROM projects WHERE id = ${lab}::uuid`.execute(dns.store.db);
    await dns.settled();
    const gone = await dns.ask('shop.i.test', 'SOA');
    assert.equal(gone.rcode, 'NXDOMAIN');
    assert.equal(gone.authorities?.[0]?.name, 'i.test');
  });

  it('are never taken over by whoever calls itself the same or takes the address', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    await dns.zone('i.test');
    await dns.zone('10.0.0.0/8');
    const victim = await dns.instance('web', ['10.0.0.1']);
    await dns.until('web.i.test', 'A', ['10.0.0.1']);
    const other = await sql<{ id: string }>`
      INSERT INTO hosts (id, name, kind, url, created_by) VALUES (gen_random_uuid(), 'h2', 'lxd', 'https://h2.test:8443', 'test')
      RETURNING id`.execute(dns.store.db);
    await sql`INSERT INTO instances (id, host_id, name, type, status, addresses)
      VALUES (gen_random_uuid(), ${other.rows[0]?.id}::uuid, 'WEB', 'container', 'running', ${addressesJson(['10.0.0.66'])}::jsonb)`.execute(
      dns.store.db,
    );
    const thief = await dns.instance('thief', ['10.0.0.1', '10.0.0.67']);
    await dns.until('thief.i.test', 'A', ['10.0.0.1', '10.0.0.67']);
    await dns.settled();
    assert.deepEqual(await dns.data('web.i.test', 'A'), ['10.0.0.1']);
    assert.deepEqual(await dns.data('1.0.0.10.in-addr.arpa', 'PTR'), ['web.i.test']);
    await change(dns, victim, `status = 'stopped'`);
    await dns.until('web.i.test', 'A', []);
    await dns.until('1.0.0.10.in-addr.arpa', 'PTR', ['thief.i.test']);
    await change(dns, thief, `addresses = '[]'`);
    await dns.until('1.0.0.10.in-addr.arpa', 'PTR', []);
  });

  it('show only addresses that the zone lets out, and none of a guest’s own bridges', {
    timeout,
  }, async (t) => {
    const dns = await openTestDns(t);
    const zone = await dns.zone('i.test', { visible: 'public' });
    await dns.instance('web', ['10.1.2.3', '9.9.9.9', '2620:fe::9', 'fd00::1']);
    await dns.instance('docker', ['10.1.2.4'], { device: 'docker0' });
    await dns.until('web.i.test', 'A', ['9.9.9.9']);
    assert.deepEqual(await dns.data('web.i.test', 'AAAA'), ['2620:fe::9']);
    await dns.store.transaction((trx) =>
      updateZone(trx, { id: zone, revision: null, patch: { visible: 'all', networks: ['10.1.2.0/24'] } }),
    );
    await dns.until('web.i.test', 'A', ['10.1.2.3']);
    assert.deepEqual(await dns.data('docker.i.test', 'A'), []);
    await dns.store.transaction((trx) =>
      updateZone(trx, { id: zone, revision: null, patch: { keepStopped: true } }),
    );
    await sql`UPDATE instances SET status = 'stopped', addresses = '[]'`.execute(dns.store.db);
    await dns.settled();
    assert.deepEqual(await dns.data('web.i.test', 'A'), ['10.1.2.3']);
  });

  it('survive nonsense that a host shows', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    await dns.zone('i.test');
    await dns.instance(`x${'y'.repeat(200)}`, ['10.0.0.1']);
    await dns.instance('a.b\\000', ['10.0.0.2']);
    await dns.instance('odd', ['10.0.0.3/8', '::ffff:10.0.0.1', '1.2.3', 'fe80::1%eth0', '10.0.0.4']);
    await dns.until('odd.i.test', 'A', ['10.0.0.4']);
  });
});

describe('the records of people', () => {
  it('stand beside instances, never in their place', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    const zone = await dns.zone('i.test');
    await write(dns, zone, 'web', 'A', '192.0.2.1');
    const alias = await write(dns, zone, 'www', 'CNAME', 'web.i.test.');
    await dns.until('www.i.test', 'A', ['192.0.2.1', 'web.i.test']);
    const web = await dns.instance('web', ['10.1.2.3']);
    await dns.until('web.i.test', 'A', ['10.1.2.3']);
    await write(dns, zone, 'web', 'TXT', '"hello"');
    await dns.until('web.i.test', 'TXT', ['hello']);
    await change(dns, web, `status = 'stopped'`);
    await dns.until('web.i.test', 'A', []);
    await sql`DELETE FROM instances WHERE id = ${web}::uuid`.execute(dns.store.db);
    await dns.until('web.i.test', 'A', ['192.0.2.1']);
    await dns.store.transaction((trx) => deleteRecord(trx, zone, alias.id));
    await dns.until('www.i.test', 'A', []);
    assert.equal((await dns.ask('www.i.test', 'A')).rcode, 'NXDOMAIN');
  });

  it('are refused where they would break others', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    await dns.project('lab');
    const zone = await dns.zone('i.test');
    await write(dns, zone, 'www', 'A', '192.0.2.1');
    await assert.rejects(write(dns, zone, 'www', 'A', '192.0.2.1'), withCode('name-taken'));
    await assert.rejects(write(dns, zone, 'www', 'CNAME', 'x.test'), withCode('conflict'));
    await assert.rejects(write(dns, zone, '@', 'CNAME', 'x.test'), withCode('conflict'));
    await assert.rejects(write(dns, zone, '@', 'NS', 'x.test'), withCode('conflict'));
    await assert.rejects(write(dns, zone, 'x.lab', 'A', '192.0.2.1'), withCode('conflict'));
    await assert.rejects(write(dns, zone, 'x', 'A', '192.0.2.256'), withCode('bad-request'));
    await assert.rejects(dns.zone('sub.i.test'), withCode('conflict'));
    await assert.rejects(dns.zone('test'), withCode('conflict'));
    await assert.rejects(dns.zone('i.test'), withCode('name-taken'));
    await assert.rejects(dns.zone('10.0.0.0/9'), withCode('bad-request'));
  });

  it('that got in broken leave the others as they are', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    const zone = await dns.zone('i.test');
    await sql`INSERT INTO dns_records (id, zone_id, owner, type, value, rdata, created_by) VALUES
      (gen_random_uuid(), ${zone}::uuid, ${'l'.repeat(70)}, 1, '-', '\\x01', 'test'),
      (gen_random_uuid(), ${zone}::uuid, 'a..b', 1, '-', '\\x01', 'test')`.execute(dns.store.db);
    await write(dns, zone, 'www', 'A', '192.0.2.1');
    await dns.until('www.i.test', 'A', ['192.0.2.1']);
  });
});

describe('the versions of a zone', () => {
  it('grow with each change, and only with one', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    const zone = await dns.zone('i.test');
    const serial = async () => {
      const { rows } = await sql<{
        serial: number;
      }>`SELECT serial FROM dns_serials WHERE zone_id = ${zone}::uuid`.execute(dns.store.db);
      return rows[0]?.serial ?? 0;
    };
    await dns.settled();
    const first = await serial();
    const web = await dns.instance('web', ['10.1.2.3']);
    await dns.until('web.i.test', 'A', ['10.1.2.3']);
    const second = await serial();
    assert.ok(second > first);
    await change(dns, web, `labels = '{"a":"b"}'`);
    await sql`SELECT dns_publish()`.execute(dns.store.db);
    assert.equal(await serial(), second);
    assert.equal(JSON.parse((await dns.data('i.test', 'SOA'))[0] ?? '{}').serial, second);
  });

  it('are answered when the database is away, and followed when it is back', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    await dns.zone('i.test');
    await dns.instance('web', ['10.1.2.3']);
    await dns.until('web.i.test', 'A', ['10.1.2.3']);
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(dns.store.db);
    assert.deepEqual(await dns.data('web.i.test', 'A'), ['10.1.2.3']);
    // Connections of this test's own pool were cut off as well.
    await waitUntil('an instance is written', () =>
      dns.instance('db', ['10.1.2.4']).then(
        () => true,
        () => false,
      ),
    );
    await dns.until('db.i.test', 'A', ['10.1.2.4']);
  });

  it('end with the zone', { timeout }, async (t) => {
    const dns = await openTestDns(t);
    const zone = await dns.zone('i.test');
    await dns.zone('j.test');
    await dns.instance('web', ['10.1.2.3']);
    await dns.until('web.i.test', 'A', ['10.1.2.3']);
    await dns.store.transaction((trx) => deleteZone(trx, zone));
    await waitUntil(
      'the zone is refused',
      async () => (await dns.ask('web.i.test', 'A')).rcode === 'REFUSED',
    );
    assert.deepEqual(await dns.data('web.j.test', 'A'), ['10.1.2.3']);
    await assert.rejects(
      dns.store.transaction((trx) => deleteZone(trx, zone)),
      withCode('not-found'),
    );
  });
});
