import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Instance } from '@longshore/lxd';
import { waitUntil } from '../wait-until.ts';
import { patienceMs, refused, type Trial } from './contract-subject.ts';

/** What happens to instances, how it is told, and what is refused. */
export function instanceContract(trial: () => Trial): void {
  it('makes an instance of an image, stopped, with the fields that sync reads', async () => {
    const { client, host } = trial();
    const name = await trial().make({ description: 'made by the contract', config: { 'user.team': 'blue' } });
    const { value, etag } = await client.instances.get(name);
    assert.ok(etag !== '');
    assert.equal(value.name, name);
    assert.equal(value.type, 'container');
    assert.equal(value.status, 'Stopped');
    assert.equal(value.status_code, 102);
    assert.equal(value.project, 'default');
    assert.equal(value.location, 'none');
    assert.equal(value.description, 'made by the contract');
    assert.deepEqual(value.profiles, ['default']);
    assert.equal(value.ephemeral, false);
    assert.ok(Math.abs(Date.parse(value.created_at) - Date.now()) < 10 * patienceMs, value.created_at);
    assert.match(value.last_used_at, /^(0001|1970)-01-01T/);
    assert.equal(value.config['user.team'], 'blue');
    assert.equal(value.config['image.os'], 'busybox');
    assert.match(value.config['volatile.base_image'] ?? '', /^[0-9a-f]{64}$/);
    assert.match(value.config['volatile.uuid'] ?? '', /^[0-9a-f-]{36}$/);
    assert.match(
      value.config['volatile.eth0.hwaddr'] ?? '',
      host.kind === 'lxd' ? /^00:16:3e:/ : /^10:66:6a:/,
    );
    assert.equal(value.expanded_config['user.team'], 'blue');
    assert.deepEqual(value.devices, {});
    assert.equal(value.expanded_devices.root?.pool, 'default');
    assert.equal(value.expanded_devices.eth0?.type, 'nic');
    assert.equal(value.expanded_devices.eth1?.parent, 'lanbr');
    const created = await trial().told('instance-created', name);
    assert.equal(created.project, 'default');
    assert.equal(created.metadata.source, `/1.0/instances/${name}`);
  });

  it('tells an operation from pending over running to success, with its resources', async () => {
    const name = await trial().make({ source: { type: 'none' } });
    const states = () =>
      trial()
        .events.filter((event) => event.type === 'operation')
        .map((event) => event.metadata)
        .filter(({ resources }) => resources?.instances?.includes(`/1.0/instances/${name}`));
    await trial().until('the end of the operation', () =>
      states().some(({ status }) => status === 'Success'),
    );
    const seen = new Set(states().map(({ status }) => status));
    assert.ok(seen.has('Running'), [...seen].join(' '));
    for (const { class: kind, description, err } of states()) {
      assert.equal(kind, 'task');
      assert.equal(description, 'Creating instance');
      assert.equal(err, '');
    }
  });

  it('refuses to make what it cannot make', async () => {
    const { client } = trial();
    const taken = await trial().make({ source: { type: 'none' } });
    const make = (body: Parameters<typeof client.instances.create>[0]) =>
      trial().done(client.instances.create(body));
    await refused(
      make({ name: taken, source: { type: 'none' } }),
      'operation-failed',
      /already exists|UNIQUE/,
    );
    await refused(make({ name: '-bad', source: { type: 'none' } }), 'bad-request', /must not start/);
    await refused(make({ name: 'a_b', source: { type: 'none' } }), 'bad-request', /name/);
    const unknown = make({ name: trial().name(), source: { type: 'image', alias: 'nope' } });
    await refused(unknown, trial().host.kind === 'lxd' ? 'not-found' : 'operation-failed');
    const profiles = make({ name: trial().name(), source: { type: 'none' }, profiles: ['nope'] });
    await refused(profiles, 'server-error', /nope/);
    const config = make({ name: trial().name(), source: { type: 'none' }, config: { 'bad.key': '1' } });
    await refused(config, ['operation-failed', 'bad-request'], /bad\.key/);
    const rootless = make({ name: trial().name(), source: { type: 'none' }, profiles: [] });
    await refused(rootless, 'operation-failed', /root d(evice|isk)/);
  });

  it('goes through its states and tells of each', async () => {
    const { client } = trial();
    const name = await trial().make();
    const go = (action: 'start' | 'stop' | 'restart' | 'freeze' | 'unfreeze', force = false) =>
      trial().done(client.instances.setState(name, { action, force, timeoutSeconds: 30 }));
    const status = async () => (await client.instances.get(name)).value.status_code;
    await go('start');
    assert.equal(await status(), 103);
    await go('freeze');
    assert.equal(await status(), 110);
    await go('unfreeze');
    await go('restart', true);
    assert.equal(await status(), 103);
    await go('stop', true);
    assert.equal(await status(), 102);
    await trial().done(client.instances.delete(name));
    await refused(client.instances.get(name), 'not-found');
    await trial().told('instance-deleted', name);
    assert.deepEqual(
      trial()
        .actions(name)
        .map((action) => action.replace('instance-', '')),
      ['created', 'started', 'paused', 'resumed', 'restarted', 'stopped', 'deleted'],
    );
  });

  it('shows addresses, usage and processes of a running instance', async () => {
    const { client } = trial();
    const name = await trial().make();
    assert.deepEqual((await client.instances.state(name)).network, {});
    await trial().done(client.instances.setState(name, { action: 'start' }));
    const globals = async () => {
      const { network } = await client.instances.state(name);
      const of = (nic: string) => network[nic]?.addresses.filter(({ scope }) => scope === 'global') ?? [];
      return { eth0: of('eth0'), eth1: of('eth1') };
    };
    let seen = await globals();
    const addressed = async () => {
      seen = await globals();
      return seen.eth0.length > 0 && seen.eth1.length > 0;
    };
    await waitUntil(`addresses of ${name}`, addressed, { timeoutMs: patienceMs, everyMs: 100 });
    assert.equal(seen.eth0[0]?.family, 'inet');
    assert.equal(seen.eth0[0]?.netmask, '24');
    assert.equal(seen.eth1[0]?.family, 'inet6');
    const { value } = await client.instances.getFull(name);
    assert.equal(value.state?.status, 'Running');
    assert.ok((value.state?.pid ?? 0) > 0 && (value.state?.processes ?? 0) > 0);
    assert.ok((value.state?.memory?.usage ?? 0) > 0);
    const nic = value.state?.network.eth0;
    assert.equal(nic?.hwaddr, value.config['volatile.eth0.hwaddr']);
    assert.equal(nic?.host_name, value.config['volatile.eth0.host_name']);
    assert.equal(nic?.state, 'up');
    assert.equal(value.state?.network.lo?.addresses[0]?.scope, 'local');
    assert.ok(Date.parse(value.last_used_at) > Date.parse('2001-01-01'));
  });

  it('refuses what a running instance cannot take, and what a stopped one cannot', async () => {
    const { client } = trial();
    const name = await trial().make();
    const go = (action: 'start' | 'stop' | 'freeze', force = false) =>
      trial().done(client.instances.setState(name, { action, force, timeoutSeconds: 30 }));
    await refused(go('freeze'), 'operation-failed', /isn't running/);
    await refused(go('stop'), 'operation-failed', /already stopped/);
    await refused(client.instances.exec(name, { command: ['true'] }), 'bad-request', /not running/);
    await go('start');
    await refused(go('start'), 'operation-failed', /already running/);
    await refused(client.instances.delete(name), 'bad-request', /running/);
    await refused(trial().done(client.instances.rename(name, trial().name())), 'operation-failed', /running/);
    await go('stop');
    assert.ok((await trial().told('instance-shutdown', name)).metadata.source.endsWith(name));
  });

  it('runs commands', async () => {
    const { client } = trial();
    const name = await trial().make();
    await trial().done(client.instances.setState(name, { action: 'start' }));
    const echo = await client.instances.exec(name, { command: ['echo', 'hello', 'there'] });
    assert.equal(echo.exitCode, 0);
    assert.equal(echo.stdout.toString(), 'hello there\n');
    assert.equal((await client.instances.exec(name, { command: ['false'] })).exitCode, 1);
    await trial().told('instance-exec', name);
  });

  it('removes an ephemeral instance when it stops', async () => {
    const { client } = trial();
    const name = await trial().make({ ephemeral: true });
    await trial().done(client.instances.setState(name, { action: 'start' }));
    await trial().done(client.instances.setState(name, { action: 'stop', force: true }));
    await trial().told('instance-deleted', name);
    await refused(client.instances.get(name), 'not-found');
  });

  it('replaces only what was read last', async () => {
    const { client } = trial();
    const name = await trial().make({ source: { type: 'none' } });
    const before = await client.instances.get(name);
    const edit = (config: Instance['config'], etag: string) =>
      trial().done(client.instances.update(name, { ...editable(before.value), config }, { etag }));
    await edit({ ...before.value.config, 'user.step': '1' }, before.etag);
    await refused(edit({ ...before.value.config, 'user.step': '2' }, before.etag), 'precondition-failed');
    const after = await client.instances.get(name);
    assert.equal(after.value.config['user.step'], '1');
    assert.equal(after.value.config['volatile.uuid'], before.value.config['volatile.uuid']);
    assert.notEqual(after.etag, before.etag);
    await trial().told('instance-updated', name);
  });

  it('does not count the description into the etag', async () => {
    const { client } = trial();
    const name = await trial().make({ source: { type: 'none' } });
    const before = await client.instances.get(name);
    await client.instances.patch(name, { description: 'changed' });
    const after = await client.instances.get(name);
    assert.equal(after.value.description, 'changed');
    assert.equal(after.etag, before.etag);
  });

  it('patches single keys at once, and refuses unknown ones', async () => {
    const { client } = trial();
    const name = await trial().make({ source: { type: 'none' }, config: { 'user.a': '1', 'user.b': '1' } });
    const { etag } = await client.instances.get(name);
    await client.instances.patch(name, { config: { 'user.a': '', 'user.c': '1' } }, { etag });
    const { value } = await client.instances.get(name);
    assert.deepEqual(
      [value.config['user.a'] ?? '', value.config['user.b'], value.config['user.c']],
      ['', '1', '1'],
    );
    await refused(
      client.instances.patch(name, { config: { 'user.b': '2' } }, { etag }),
      'precondition-failed',
    );
    await refused(client.instances.patch(name, { config: { 'bad.key': '1' } }), 'server-error', /bad\.key/);
    const put = client.instances.update(name, { ...editable(value), config: { 'bad.key': '1' } });
    await refused(trial().done(put), 'operation-failed', /bad\.key/);
  });

  it('keeps a protected instance', async () => {
    const { client } = trial();
    const config = { 'security.protection.delete': 'true' };
    const name = await trial().make({ source: { type: 'none' }, config });
    await refused(trial().done(client.instances.delete(name)), 'operation-failed', /protected/);
    await client.instances.patch(name, { config: { 'security.protection.delete': 'false' } });
    await trial().done(client.instances.delete(name));
  });

  it('renames a stopped instance, which keeps its identity', async () => {
    const { client } = trial();
    const name = await trial().make();
    const { value: before } = await client.instances.get(name);
    const other = await trial().make({ source: { type: 'none' } });
    await refused(
      trial().done(client.instances.rename(name, other)),
      ['conflict', 'operation-failed'],
      /in use/,
    );
    const renamed = trial().name();
    await trial().done(client.instances.rename(name, renamed));
    await refused(client.instances.get(name), 'not-found');
    const { value: after } = await client.instances.get(renamed);
    for (const key of ['volatile.uuid', 'volatile.eth0.hwaddr', 'volatile.base_image']) {
      assert.equal(after.config[key], before.config[key], key);
    }
    const told = await trial().told('instance-renamed', renamed);
    assert.equal(told.metadata.context?.old_name, name);
  });

  it('lists with each recursion the same instances', async () => {
    const { client } = trial();
    const name = await trial().make();
    const [refs, records, full] = await Promise.all([
      client.instances.list({ recursion: 0 }),
      client.instances.list({ recursion: 1 }),
      client.instances.list({ recursion: 2 }),
    ]);
    const names = records.map((one) => one.name).sort();
    assert.deepEqual(refs.map((ref) => ref.name).sort(), names);
    assert.deepEqual(full.map((one) => one.name).sort(), names);
    const one = full.find((each) => each.name === name);
    assert.equal(one?.state?.status_code, 102);
    assert.deepEqual(one?.snapshots, []);
    const { value } = await client.instances.get(name);
    assert.deepEqual(
      records.find((each) => each.name === name),
      value,
    );
  });

  it('filters a list', async () => {
    const { client } = trial();
    const [blue] = await Promise.all([
      trial().make({ source: { type: 'none' }, config: { 'user.filter': 'blue' } }),
      trial().make({ source: { type: 'none' }, config: { 'user.filter': 'red' } }),
    ]);
    const names = async (filter: string) => (await client.instances.list({ filter })).map(({ name }) => name);
    assert.deepEqual(await names(`name eq ${blue}`), [blue]);
    assert.deepEqual(await names('config.user.filter eq blue'), [blue]);
    assert.deepEqual(await names(`name eq ${blue} and status eq Stopped`), [blue]);
    assert.deepEqual(await names(`name eq ${blue} and status eq Running`), []);
  });

  it('keeps projects apart, and shows all of them when asked', async () => {
    const { client } = trial();
    const name = await trial().make({ source: { type: 'none' } }, 'tenant');
    await refused(client.instances.get(name), 'not-found');
    assert.equal((await client.instances.get(name, { project: 'tenant' })).value.project, 'tenant');
    const find = (list: readonly Instance[]) => list.find((one) => one.name === name)?.project;
    assert.equal(find(await client.instances.list()), undefined);
    assert.equal(find(await client.instances.list({ project: 'tenant' })), 'tenant');
    assert.equal(find(await client.instances.list({ allProjects: true })), 'tenant');
    assert.equal(find(await client.instances.list({ allProjects: true, recursion: 2 })), 'tenant');
    assert.deepEqual(await client.instances.list({ project: 'nope' }), []);
    const created = await trial().told('instance-created', name);
    assert.equal(created.project, 'tenant');
    assert.equal(created.metadata.source, `/1.0/instances/${name}?project=tenant`);
    const { config } = (await client.projects.get('tenant')).value;
    assert.equal(config['features.images'], 'false');
  });

  it('tells a stream of one project nothing of another', async () => {
    const { client } = trial();
    const connected = Promise.withResolvers<void>();
    const heard: string[] = [];
    const stream = client.events({
      project: 'tenant',
      types: ['lifecycle'],
      onConnect: connected.resolve,
      onEvent: (event) => heard.push(event.type === 'lifecycle' ? event.metadata.source : event.type),
    });
    await connected.promise;
    const elsewhere = await trial().make({ source: { type: 'none' } });
    const here = await trial().make({ source: { type: 'none' } }, 'tenant');
    await trial().until('the tenant', () => heard.some((source) => source.includes(here)));
    await stream.close();
    assert.ok(
      heard.every((source) => !source.includes(elsewhere)),
      heard.join(' '),
    );
  });
}

function editable({ architecture, devices, ephemeral, profiles, description }: Instance) {
  return { architecture, devices, ephemeral, profiles, description };
}
