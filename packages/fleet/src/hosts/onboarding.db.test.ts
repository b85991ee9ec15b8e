import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { HostEnrolment, Operation } from '@longshore/contract';
import { formatTrustToken, parseTrustToken } from '@longshore/lxd';
import { type SimulatedFleet, type SimulatedHost, startSimulatedHosts } from '@longshore/testbed';
import { openTestFleet, type TestFleet, type TestScope } from '../testing/test-fleet.ts';
import { enrolHost } from './enrol-host.ts';
import { hostHandlers } from './host-handlers.ts';
import { probeHost } from './probe-host.ts';
import { rePinHost } from './re-pin-host.ts';
import { getHost, listHosts } from './read-hosts.ts';
import { removeHost } from './remove-host.ts';
import { updateHost } from './update-host.ts';

const requester = { name: 'test' };
const otherFingerprint = 'ab'.repeat(32);

/** A fleet without hosts, and hosts that do not know it. */
async function open(scope: TestScope, count = 1, kind: 'lxd' | 'incus' = 'lxd') {
  const fleet = await openTestFleet(scope, { count: 0 });
  await fleet.work(hostHandlers);
  const strangers = await startSimulatedHosts({ count, instancesPerHost: 3, kind });
  scope.after(() => strangers.close());
  return { fleet, context: fleet.context, strangers };
}

function hostAt(strangers: SimulatedFleet, index: number): SimulatedHost {
  const host = strangers.hosts[index];
  assert.ok(host);
  return host;
}

async function enrol(fleet: TestFleet, access: HostEnrolment['access'], name?: string): Promise<Operation> {
  const enrolment = { access, ...(name === undefined ? {} : { name }) };
  return fleet.ended((await enrolHost(fleet.context, enrolment, requester)).operation);
}

async function enrolByToken(fleet: TestFleet, host: SimulatedHost): Promise<string> {
  const operation = await enrol(fleet, { by: 'token', token: host.token('longshore') });
  assert.equal(operation.status, 'succeeded', JSON.stringify(operation.failure));
  return String(operation.result?.hostId);
}

async function hostsOf({ context }: TestFleet): Promise<number> {
  return (await listHosts(context, { limit: 10 })).items.length;
}

describe('enrolling a host', () => {
  it('by token pins, trusts, reads it once, and adopts its instances as unclaimed', async (t) => {
    const { fleet, context, strangers } = await open(t);
    const stranger = hostAt(strangers, 0);
    const operation = await enrol(fleet, { by: 'token', token: stranger.token('longshore') });
    assert.equal(operation.status, 'succeeded', JSON.stringify(operation.failure));
    const host = await getHost(context, String(operation.result?.hostId));
    assert.equal(host.status, 'online');
    assert.equal(host.fingerprint, stranger.fingerprint);
    assert.equal(host.instances.total, 3);
    assert.ok(host.profiles.some(({ name }) => name === 'default'));
    assert.ok((host.resources?.memoryTotalBytes ?? 0) > 0);
    assert.ok(host.warnings.some(({ code }) => code.startsWith('CVE-')));
    const claimed = await context.store.db.selectFrom('instances').select('claimed').execute();
    assert.deepEqual(
      claimed.map((row) => row.claimed),
      [false, false, false],
    );
  });

  it('refuses each wrong proof by its own code and keeps nothing', async (t) => {
    const { fleet, strangers } = await open(t, 2);
    const stranger = hostAt(strangers, 0);
    const { url, fingerprint } = stranger;
    const used = stranger.token('longshore');
    const forged = (patch: object): string => formatTrustToken({ ...parseTrustToken(used), ...patch });
    const plain = createServer((socket) => socket.end('SSH-2.0-nothing\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    t.after(() => plain.close());
    const address = plain.address();
    const plainUrl = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;

    const cases: readonly [string, HostEnrolment['access'], string][] = [
      ['wrong secret', { by: 'token', token: forged({ secret: 'f'.repeat(64) }) }, 'trust-token-refused'],
      [
        'expired',
        { by: 'token', token: forged({ secret: 'f'.repeat(64), expiresAt: '2020-01-01T00:00:00Z' }) },
        'trust-token-refused',
      ],
      [
        'other certificate',
        { by: 'token', token: forged({ fingerprint: otherFingerprint }) },
        'fingerprint-mismatch',
      ],
      ['nobody there', { by: 'token', token: used, url: 'https://127.0.0.1:1' }, 'host-unreachable'],
      ['wrong password', { by: 'password', url, fingerprint, password: 'wrong' }, 'trust-password-refused'],
      ['not trusted', { by: 'trusted', url, fingerprint }, 'trust-missing'],
      ['wrong fingerprint', { by: 'trusted', url, fingerprint: otherFingerprint }, 'fingerprint-mismatch'],
      ['not TLS', { by: 'trusted', url: plainUrl, fingerprint }, 'host-unreachable'],
      ['no socket', { by: 'socket', path: '/nonexistent/unix.socket' }, 'host-unreachable'],
    ];
    for (const [what, access, code] of cases) {
      const operation = await enrol(fleet, access);
      assert.equal(operation.failure?.code, code, `${what}: ${JSON.stringify(operation.failure)}`);
      assert.ok(operation.failure?.hint, what);
      if (what === 'expired') assert.match(operation.failure?.message ?? '', /expired/);
    }
    assert.equal(await hostsOf(fleet), 0);
    assert.throws(
      () =>
        enrolHost(fleet.context, { access: { by: 'token', token: 'not a trust token at all' } }, requester),
      {
        code: 'bad-request',
      },
    );
  });

  it('takes its trust entry away again when it fails at the end', async (t) => {
    const fleet = await openTestFleet(t, { count: 0 });
    const strangers = await startSimulatedHosts({ count: 2, instancesPerHost: 0 });
    t.after(() => strangers.close());
    const [first, second] = [hostAt(strangers, 0), hostAt(strangers, 1)];
    const accepted = await Promise.all(
      [first, second].map((host) =>
        enrolHost(
          fleet.context,
          { name: 'same', access: { by: 'token', token: host.token('x') } },
          requester,
        ),
      ),
    );
    await fleet.work(hostHandlers);
    const ended = await Promise.all(accepted.map(({ operation }) => fleet.ended(operation)));
    assert.deepEqual(ended.map(({ status }) => status).sort(), ['failed', 'succeeded']);
    const loser = ended[0]?.status === 'failed' ? first : second;
    assert.equal(ended.find(({ failure }) => failure !== null)?.failure?.code, 'name-taken');
    const again = await enrol(fleet, { by: 'trusted', url: loser.url, fingerprint: loser.fingerprint });
    assert.equal(again.failure?.code, 'trust-missing');
  });

  it('refuses a server that is in the fleet, whatever the way', async (t) => {
    const { fleet, strangers } = await open(t);
    const stranger = hostAt(strangers, 0);
    await enrolByToken(fleet, stranger);
    const { url, fingerprint } = stranger;
    for (const access of [
      { by: 'token', token: stranger.token('again') },
      { by: 'trusted', url, fingerprint },
      { by: 'trusted', url: url.replace('127.0.0.1', 'localhost'), fingerprint },
    ] as const) {
      await assert.rejects(async () => await enrol(fleet, access), { code: 'already-enrolled' });
    }
  });

  it('by password and by socket, and names hosts apart', async (t) => {
    const { fleet, context } = await open(t, 0);
    const folder = await mkdtemp(join(tmpdir(), 'ls-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const options = { count: 1, instancesPerHost: 1, socketFolder: folder };
    const [one, two] = await Promise.all([
      startSimulatedHosts(options),
      startSimulatedHosts({ ...options, namePrefix: 'so' }),
    ]);
    t.after(() => one.close());
    t.after(() => two.close());
    const { url, fingerprint } = hostAt(one, 0);
    const byPassword = await enrol(fleet, { by: 'password', url, fingerprint, password: 'testbed' }, 'alpha');
    assert.equal(byPassword.status, 'succeeded', JSON.stringify(byPassword.failure));
    const bySocket = await enrol(fleet, { by: 'socket', path: hostAt(two, 0).socketPath ?? '' });
    assert.equal(bySocket.status, 'succeeded', JSON.stringify(bySocket.failure));
    const { items } = await listHosts(context, { limit: 1, sort: 'name' });
    assert.deepEqual(
      items.map(({ name }) => name),
      ['alpha'],
    );
    await assert.rejects(
      async () =>
        await enrolHost(context, { name: 'alpha', access: { by: 'socket', path: '/x' } }, requester),
      { code: 'name-taken' },
    );
  });
});

describe('a host of the fleet', () => {
  it('is looked at before enrolment without being changed', async (t) => {
    const { fleet, strangers } = await open(t, 1, 'incus');
    const { url, fingerprint } = hostAt(strangers, 0);
    const { operation } = await probeHost(fleet.context, { url }, requester);
    const { result } = await fleet.ended(operation);
    assert.deepEqual(result, {
      url,
      fingerprint,
      kind: 'incus',
      version: null,
      trusted: false,
      passwordPossible: false,
      enrolledAs: null,
    });
  });

  it('is changed with its revision only', async (t) => {
    const { fleet, context, strangers } = await open(t);
    const id = await enrolByToken(fleet, hostAt(strangers, 0));
    const before = await getHost(context, id);
    const patch = { labels: { site: 'a' }, maintenance: true };
    const after = await updateHost(context, { id, patch, revision: before.revision }, requester);
    assert.deepEqual(
      [after.labels, after.maintenance, after.revision],
      [{ site: 'a' }, true, before.revision + 1],
    );
    await assert.rejects(updateHost(context, { id, patch, revision: before.revision }, requester), {
      code: 'precondition-failed',
    });
    const { items } = await listHosts(context, { limit: 5, filter: 'label:site=a maintenance:true' });
    assert.deepEqual(
      items.map((host) => host.id),
      [id],
    );
  });

  it('is re-pinned only to what it shows', async (t) => {
    const { fleet, context, strangers } = await open(t);
    const stranger = hostAt(strangers, 0);
    const id = await enrolByToken(fleet, stranger);
    await stranger.renewCertificate();
    const pin = async (fingerprint: string): Promise<Operation> =>
      fleet.ended((await rePinHost(context, { id, fingerprint }, requester)).operation);
    assert.equal((await pin(otherFingerprint)).failure?.code, 'fingerprint-mismatch');
    assert.equal((await pin(stranger.fingerprint)).status, 'succeeded');
    assert.equal((await getHost(context, id)).fingerprint, stranger.fingerprint);
  });

  it('is removed with our trust entry, and its instances stay on it', async (t) => {
    const { fleet, context, strangers } = await open(t, 2);
    const stranger = hostAt(strangers, 0);
    const id = await enrolByToken(fleet, stranger);
    const removed = await fleet.ended((await removeHost(context, { id, force: false }, requester)).operation);
    assert.equal(removed.status, 'succeeded', JSON.stringify(removed.failure));
    assert.equal(await hostsOf(fleet), 0);
    assert.equal(stranger.instances(), 3);
    const again = await enrol(fleet, { by: 'trusted', url: stranger.url, fingerprint: stranger.fingerprint });
    assert.equal(again.failure?.code, 'trust-missing');
  });

  it('that is silent is removed by force only', async (t) => {
    const { fleet, context, strangers } = await open(t);
    const stranger = hostAt(strangers, 0);
    const id = await enrolByToken(fleet, stranger);
    await stranger.stop();
    const remove = async (force: boolean): Promise<Operation> =>
      fleet.ended((await removeHost(context, { id, force }, requester)).operation);
    assert.equal((await remove(false)).failure?.code, 'host-unreachable');
    assert.equal((await getHost(context, id)).status, 'online');
    const forced = await remove(true);
    assert.equal(forced.status, 'succeeded', JSON.stringify(forced.failure));
    assert.ok(forced.result?.trustEntryLeft);
    assert.equal(await hostsOf(fleet), 0);
  });
});
