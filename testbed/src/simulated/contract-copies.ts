import assert from 'node:assert/strict';
import { it } from 'node:test';
import { migrationPullSource, migrationPushSource, type OperationRef, operationUrl } from '@longshore/lxd';
import { type ContractHost, clientOf, patienceMs, refused, type Trial } from './contract-subject.ts';

/** Snapshots, copies and moves, of images too. */
export function copyContract(trial: () => Trial, peer: () => ContractHost): void {
  it('takes snapshots, renames, restores and removes them', async () => {
    const { client } = trial();
    const { snapshots } = client.instances;
    const name = await trial().make({ config: { 'user.step': '1' } });
    await trial().done(snapshots.create(name, { name: 'first' }));
    await refused(
      trial().done(snapshots.create(name, { name: 'first' })),
      'operation-failed',
      /exists|UNIQUE/,
    );
    await client.instances.patch(name, { config: { 'user.step': '2' } });
    await trial().done(snapshots.rename(name, 'first', 'second'));
    const [only, ...others] = await snapshots.list(name);
    assert.equal(others.length, 0);
    assert.equal(only?.name, 'second');
    assert.equal(only.config['user.step'], '1');
    assert.equal(only.stateful, false);
    assert.match(only.expires_at, /^0001-/);
    assert.ok(Date.parse(only.created_at) > Date.parse('2001-01-01'));
    assert.deepEqual(
      (await client.instances.getFull(name)).value.snapshots.map((one) => one.name),
      ['second'],
    );
    await refused(trial().done(snapshots.restore(name, 'nope')), 'operation-failed', /does not exist/);
    await trial().done(snapshots.restore(name, 'second'));
    assert.equal((await client.instances.get(name)).value.config['user.step'], '1');
    await trial().done(snapshots.delete(name, 'second'));
    await refused(snapshots.get(name, 'second'), 'not-found');
    await refused(trial().done(snapshots.delete(name, 'second')), 'not-found');
    await trial().told('instance-snapshot-deleted', name);
    const told = trial()
      .actions(name)
      .map((action) => action.replace('instance-', ''));
    for (const action of ['snapshot-created', 'snapshot-renamed', 'restored', 'snapshot-deleted']) {
      assert.ok(told.includes(action), `${action} in ${told.join(' ')}`);
    }
  });

  it('removes an instance with its snapshots, telling of each', async () => {
    const { client } = trial();
    const name = await trial().make();
    await trial().done(client.instances.snapshots.create(name, { name: 'snap0' }));
    await trial().done(client.instances.delete(name));
    await trial().told('instance-deleted', name);
    assert.deepEqual(trial().actions(name).slice(-2), ['instance-snapshot-deleted', 'instance-deleted']);
  });

  it('copies an instance with a new identity', async () => {
    const { client } = trial();
    const name = await trial().make({ config: { 'user.team': 'blue' } });
    await trial().done(client.instances.snapshots.create(name, { name: 'snap0' }));
    const copy = await trial().make({ source: { type: 'copy', source: name }, profiles: ['default'] });
    const [{ value: original }, { value: copied }] = await Promise.all([
      client.instances.getFull(name),
      client.instances.getFull(copy),
    ]);
    assert.equal(copied.config['user.team'], 'blue');
    assert.equal(copied.config['image.os'], 'busybox');
    assert.deepEqual(
      copied.snapshots.map((one) => one.name),
      ['snap0'],
    );
    for (const key of ['volatile.uuid', 'volatile.eth0.hwaddr']) {
      assert.notEqual(copied.config[key], original.config[key], key);
    }
    const missing = client.instances.create({
      name: trial().name(),
      source: { type: 'copy', source: 'nope' },
    });
    await refused(trial().done(missing), ['not-found', 'server-error', 'operation-failed']);
  });

  it('gives an image to another host that knows its secret', async () => {
    const other = peer();
    const { client, host } = trial();
    const destination = clientOf(other);
    const ended = async (started: Promise<OperationRef>) =>
      destination.operations.wait(await started, { timeoutMs: patienceMs });
    try {
      const { fingerprint } = await client.images.resolve('bb');
      await ended(destination.images.delete(fingerprint));
      await refused(destination.images.get(fingerprint), 'not-found');
      const { certificate } = await client.server.get();
      const from = {
        type: 'image',
        mode: 'pull',
        server: host.url,
        protocol: host.kind,
        certificate,
      } as const;
      const fetch = (secret: string) =>
        ended(destination.images.create({ source: { ...from, fingerprint, secret } }));
      await refused(fetch('0'.repeat(64)), host.kind === 'lxd' ? 'operation-failed' : 'not-found');
      const { metadata } = await fetch(await client.images.secret(fingerprint));
      assert.equal(metadata?.fingerprint, fingerprint);
      assert.equal((await destination.images.get(fingerprint)).value.properties.os, 'busybox');
    } finally {
      await destination.close();
    }
  });

  it('hands an instance to another host that fetches it', async () => {
    const other = peer();
    const { client, host } = trial();
    const name = await trial().make({ config: { 'user.team': 'blue' } });
    await trial().done(client.instances.snapshots.create(name, { name: 'snap0' }));
    const destination = clientOf(other);
    try {
      const offer = await client.migration.source(name);
      const source = migrationPullSource(offer, host.url);
      const { architecture, config, profiles } = (await client.instances.get(name)).value;
      const started = await destination.instances.create({ name, source, architecture, config, profiles });
      await destination.operations.wait(started, { timeoutMs: patienceMs });
      const { value } = await destination.instances.getFull(name);
      assert.equal(value.config['user.team'], 'blue');
      assert.equal(
        value.config['volatile.eth0.hwaddr'],
        config['volatile.eth0.hwaddr'],
        'a move keeps the MAC',
      );
      assert.deepEqual(
        value.snapshots.map((one) => one.name),
        ['snap0'],
      );
      assert.equal((await client.instances.get(name)).value.name, name, 'the original stays');
      await destination.operations.wait(await destination.instances.delete(name), { timeoutMs: patienceMs });
    } finally {
      await destination.close();
    }
  });

  it('hands an instance over through a relay', async () => {
    const other = peer();
    const { client } = trial();
    const name = await trial().make({ config: { 'user.team': 'relayed' } });
    const destination = clientOf(other);
    try {
      const { architecture, config, profiles } = (await client.instances.get(name)).value;
      const started = await destination.instances.create({
        name,
        source: migrationPushSource(),
        architecture,
        config,
        profiles,
      });
      const sink = await destination.migration.sink(started);
      const offer = await client.migration.source(name);
      await client.migration.relay(offer, { client: destination, offer: sink });
      await destination.operations.wait(started, { timeoutMs: patienceMs });
      assert.equal((await destination.instances.get(name)).value.config['user.team'], 'relayed');
      await destination.operations.wait(await destination.instances.delete(name), { timeoutMs: patienceMs });
    } finally {
      await destination.close();
    }
  });

  it('hands a snapshot over as an instance, and keeps it under its name', async () => {
    const other = peer();
    const { client, host } = trial();
    const name = await trial().make({ config: { 'user.step': '1' } });
    await trial().done(client.instances.snapshots.create(name, { name: 'first' }));
    await client.instances.patch(name, { config: { 'user.step': '2' } });
    const destination = clientOf(other);
    try {
      const { architecture, config, profiles } = (await client.instances.snapshots.get(name, 'first')).value;
      const offer = await client.migration.source(name, { snapshot: 'first' });
      const source = migrationPullSource(offer, host.url);
      const started = await destination.instances.create({ name, source, architecture, config, profiles });
      await destination.operations.wait(started, { timeoutMs: patienceMs });
      const { value } = await destination.instances.getFull(name);
      assert.deepEqual([value.config['user.step'], value.snapshots], ['1', []]);
      assert.deepEqual(
        (await client.instances.snapshots.list(name)).map((one) => one.name),
        ['first'],
      );
      await destination.operations.wait(await destination.instances.delete(name), { timeoutMs: patienceMs });
    } finally {
      await destination.close();
    }
  });

  it('sends an instance to another host that waits for it', async () => {
    const other = peer();
    const { client } = trial();
    const name = await trial().make({ config: { 'user.team': 'pushed' } });
    const destination = clientOf(other);
    try {
      const { architecture, config, profiles } = (await client.instances.get(name)).value;
      const source = migrationPushSource();
      const started = await destination.instances.create({ name, source, architecture, config, profiles });
      const { operationId, secrets, certificate } = await destination.migration.sink(started);
      const target = { operationUrl: operationUrl(other.url, operationId), secrets, certificate };
      await trial().done(client.migration.push(name, target));
      await destination.operations.wait(started, { timeoutMs: patienceMs });
      assert.equal((await destination.instances.get(name)).value.config['user.team'], 'pushed');
      await destination.operations.wait(await destination.instances.delete(name), { timeoutMs: patienceMs });
    } finally {
      await destination.close();
    }
  });

  it('fails a fetch with a wrong secret and leaves no instance', async () => {
    const other = peer();
    const { client, host } = trial();
    const name = await trial().make({ source: { type: 'none' } });
    const destination = clientOf(other);
    try {
      const offer = await client.migration.source(name);
      const secrets = Object.fromEntries(Object.keys(offer.secrets).map((role) => [role, '0'.repeat(64)]));
      const source = migrationPullSource({ ...offer, secrets }, host.url);
      const { architecture } = (await client.instances.get(name)).value;
      const wanted = { name, source, architecture, profiles: ['default'] };
      const fetched = destination.instances
        .create(wanted)
        .then((started) => destination.operations.wait(started, { timeoutMs: patienceMs }));
      await refused(fetched, ['operation-failed', 'server-error']);
      await refused(destination.instances.get(name), 'not-found');
      await client.operations.cancel(offer.operationId);
    } finally {
      await destination.close();
    }
  });
}
