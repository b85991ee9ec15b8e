import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceStatus } from '@longshore/contract';
import type { SimulatedHost } from '@longshore/testbed';
import type { FleetContext } from '../fleet-context.ts';
import { announceHost } from '../hosts/host-changes.ts';
import {
  eventually,
  openTestFleet,
  type TestFleet,
  type TestFleetOptions,
  type TestScope,
} from '../testing/test-fleet.ts';
import { refreshInstance } from './refresh-instance.ts';
import type { SessionTiming } from './session-timing.ts';
import { createHostSync, type HostSync } from './sync-hosts.ts';

/** A second where life has twenty; no test relies on how long anything takes. */
const QUICK: Partial<SessionTiming> = {
  silenceMs: 1_000,
  connectMs: 1_500,
  quarantineMs: 500,
  addressesMs: [50],
  waitFactor: 0.1,
};

type Setup = {
  readonly fleet: TestFleet;
  readonly context: FleetContext;
  readonly sync: HostSync;
  readonly host: SimulatedHost;
  readonly hostId: string;
};

async function open(
  scope: TestScope,
  options: TestFleetOptions & { timing?: Partial<SessionTiming> } = {},
): Promise<Setup> {
  const { timing, ...fleetOptions } = options;
  const fleet = await openTestFleet(scope, { count: 1, instancesPerHost: 3, ...fleetOptions });
  const { context } = fleet;
  const sync = createHostSync(context, {
    onOnline: async () => undefined,
    timing: { ...QUICK, ...timing },
    touchMs: 200,
    leaseMs: 2_000,
  });
  await sync.start();
  scope.after(() => sync.stop());
  const [host] = fleet.simulated.hosts;
  const [hostId] = fleet.hostIds;
  assert.ok(host && hostId);
  await liveSessions(sync, fleet.hostIds.length);
  return { fleet, context, sync, host, hostId };
}

function liveSessions(sync: HostSync, count: number): Promise<true> {
  return eventually(`${count} live sessions`, async () =>
    sync.metrics().sessions.live === count ? true : undefined,
  );
}

type Row = {
  id: string;
  name: string;
  status: InstanceStatus;
  claimed: boolean;
  description: string;
  host_id: string;
};

async function rows(context: FleetContext): Promise<Row[]> {
  return context.store.db
    .selectFrom('instances')
    .select(['id', 'name', 'status', 'claimed', 'description', 'host_id'])
    .orderBy('name')
    .execute();
}

function row(context: FleetContext, what: string, check: (row: Row) => boolean): Promise<Row> {
  return eventually(what, async () => (await rows(context)).find(check));
}

async function hostRow(context: FleetContext, id: string) {
  return context.store.db.selectFrom('hosts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

function hostStatus(context: FleetContext, id: string, status: string): Promise<true> {
  return eventually(`host ${status}`, async () =>
    (await hostRow(context, id)).status === status ? true : undefined,
  );
}

describe('a session (docs/spec/host-sync.md)', () => {
  it('I3 adopts what it finds as unclaimed, in all projects', async (t) => {
    const { context, host } = await open(t, { projects: ['shop'] });
    assert.equal((await rows(context)).length, 3);
    assert.ok((await rows(context)).every(({ claimed }) => !claimed));
    host.createBehind('late', 'shop');
    await row(context, 'late adopted', ({ name }) => name === 'late');
  });

  it('I1 I8 sees changes behind its back by events', async (t) => {
    const { context, host } = await open(t);
    const [name = ''] = host.instanceNames();
    host.changeBehind(name, { description: 'changed' });
    await row(context, 'description', (one) => one.name === name && one.description === 'changed');
    host.changeBehind(name, { status: 'Frozen' });
    await row(context, 'frozen', (one) => one.name === name && one.status === 'frozen');
  });

  it('I3 keeps what is gone as missing, and takes it back when it returns', async (t) => {
    const { context, host } = await open(t);
    const [name = ''] = host.instanceNames();
    const { id } = await row(context, 'there', (one) => one.name === name);
    await context.store.db.updateTable('instances').set({ claimed: true }).where('id', '=', id).execute();
    host.deleteBehind(name);
    await row(context, 'missing', (one) => one.id === id && one.status === 'missing');
    host.createBehind(name);
    const back = await row(context, 'another of that name', (one) => one.name === name && one.id !== id);
    assert.equal(back.claimed, false); // made anew: another instance, which nobody has claimed
    assert.equal((await rows(context)).length, 4);
  });

  it('I4 follows a rename behind its back', async (t) => {
    const { context, host, hostId } = await open(t);
    host.createBehind('old');
    const { id } = await row(context, 'old', ({ name }) => name === 'old');
    const { client } = await context.connections.client(hostId);
    const ref = await client.instances.rename('old', 'new');
    await client.operations.wait(ref);
    await row(context, 'renamed', (one) => one.id === id && one.name === 'new' && one.status !== 'missing');
  });

  it('I2 does not let an older read undo a newer one', async (t) => {
    const { context, host, hostId, sync } = await open(t);
    await sync.stop();
    const [name = ''] = host.instanceNames();
    host.changeBehind(name, { description: 'newer' });
    host.setLatency(300);
    const older = refreshInstance(context, hostId, 'default', name);
    host.setLatency(0);
    host.changeBehind(name, { description: 'newest' });
    await refreshInstance(context, hostId, 'default', name);
    await older;
    assert.equal((await row(context, 'row', (one) => one.name === name)).description, 'newest');
  });

  it('notes a live host as seen, again and again', async (t) => {
    const { context, hostId } = await open(t);
    const { observed_at: first } = await hostRow(context, hostId);
    await eventually('seen later', async () => {
      const { observed_at: later } = await hostRow(context, hostId);
      return later !== null && first !== null && later > first ? true : undefined;
    });
  });

  it('I9 quarantines a host whose certificate changed, until it is pinned anew', async (t) => {
    const { context, host, hostId } = await open(t);
    await host.renewCertificate();
    await hostStatus(context, hostId, 'quarantined');
    assert.equal((await hostRow(context, hostId)).seen_fingerprint, host.fingerprint);
    const { store } = context;
    await store.db
      .updateTable('hosts')
      .set({ fingerprint: host.fingerprint })
      .where('id', '=', hostId)
      .execute();
    await announceHost(store, hostId, store.db);
    await hostStatus(context, hostId, 'online');
  });

  it('I8 notices a host that fell silent, and what changed meanwhile', async (t) => {
    const { context, host, hostId } = await open(t);
    const [name = '', other = ''] = host.instanceNames();
    host.silenceEvents(true);
    host.changeBehind(name, { description: 'unheard' });
    await row(context, 'found by the full read', (one) => one.name === name && one.description === 'unheard');
    host.silenceEvents(false);
    await host.stop();
    await hostStatus(context, hostId, 'unreachable');
    assert.ok((await rows(context)).every(({ status }) => status !== 'missing')); // I10
    host.deleteBehind(other);
    await host.start();
    await hostStatus(context, hostId, 'online');
    await row(context, 'missing', (one) => one.name === other && one.status === 'missing');
  });

  it('I10 keeps hosts apart: whatever one does, the others stay live and lose nothing', async (t) => {
    const { context, fleet, sync } = await open(t, { count: 6 });
    const faults = ['hang', 'garbage', 'huge', 'reset', { status: 500, rate: 1 }] as const;
    const bad = fleet.simulated.hosts.slice(0, faults.length);
    const good = fleet.simulated.hosts[faults.length];
    assert.ok(good);
    for (const [at, host] of bad.entries()) {
      host.fail(faults[at] ?? null);
      host.silenceEvents(true); // its session has to connect anew, and meets the fault
    }
    for (const id of fleet.hostIds.slice(0, faults.length)) await hostStatus(context, id, 'unreachable');
    const [name = ''] = good.instanceNames();
    good.changeBehind(name, { description: 'still heard' });
    await row(context, 'heard', ({ description }) => description === 'still heard');
    assert.equal((await rows(context)).filter(({ status }) => status === 'missing').length, 0);
    for (const host of bad) {
      host.fail(null);
      host.silenceEvents(false);
      await host.stop(); // lets go of what hangs
      await host.start();
    }
    await liveSessions(sync, 6);
  });

  it('I11 shares hosts with another process, which takes over all of them when one dies', async (t) => {
    const { context, fleet, sync } = await open(t, { count: 8, instancesPerHost: 1 });
    const second = createHostSync(
      { ...context, workerId: 'second' },
      { onOnline: async () => undefined, timing: QUICK, leaseMs: 2_000 },
    );
    await second.start();
    t.after(() => second.stop());
    await eventually('both have some', async () => {
      const [a, b] = [sync.metrics().sessions.live, second.metrics().sessions.live];
      return a > 0 && b > 0 && a + b === 8 ? true : undefined;
    });
    await sync.stop();
    await liveSessions(second, 8);
    const [host] = fleet.simulated.hosts;
    const [name = ''] = host?.instanceNames() ?? [];
    host?.changeBehind(name, { description: 'seen by the second' });
    await row(context, 'seen', ({ description }) => description === 'seen by the second');
  });
});
