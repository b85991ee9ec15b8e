import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@longshore/store';
import { type LongshoreProcess, startLongshore, type TestHost } from '@longshore/testbed';
import { type Fleet, fleetOf, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

/** The promise of the specification (docs/spec/host-sync.md, I11). */
const TAKE_OVER_MS = 30_000;

describe('two servers on one database', () => {
  let folder: string;
  let postgres: EmbeddedPostgres;
  let first: Fleet;
  let second: Fleet;
  let other: LongshoreProcess;
  let hosts: readonly TestHost[];
  const ids = new Map<TestHost, string>();
  let spare: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-two-'));
    postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') });
    const env = { DATABASE_URL: postgres.url };
    first = await openFleet({ name: 'two', lxd: 3, longshore: { dataDir: join(folder, 'one'), env } });
    hosts = first.testbed.hosts;
    for (const host of hosts) await first.enrol(host);
    for (const host of hosts) {
      const image = await host.importImage('busybox');
      const name = `on-${host.name}`;
      const placement = { host: host.name };
      ids.set(host, await first.launch(name, { source: { image }, placement, start: false }));
    }
    const [one] = hosts;
    assert.ok(one);
    const image = await one.importImage('busybox');
    spare = await first.launch('spare', { source: { image }, placement: { host: one.name }, start: false });
    // A second machine with the same keys.
    const { token } = first.longshore;
    await startSecond(env, token);
  });

  after(async () => {
    await other?.stop();
    await first?.close();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function startSecond(env: NodeJS.ProcessEnv, token: string): Promise<void> {
    const dataDir = await mkdtemp(join(folder, 'other-'));
    await copyFile(join(folder, 'one/sealing-keys'), join(dataDir, 'sealing-keys'));
    other = await startLongshore({ dataDir, env, token });
    second = fleetOf(first.testbed, other);
  }

  /** How many sessions with hosts a server has that are alive, by its own figures. */
  async function liveSessions({ longshore }: Fleet): Promise<number> {
    const reply = await fetch(`${longshore.url}/metrics`, {
      headers: { authorization: `Bearer ${longshore.token}` },
    });
    const text = await reply.text();
    return Number(/^longshore_host_sessions\{state="live"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** Makes a change behind Longshore's back on every host and waits until a server tells of it. */
  async function assertChangesAreSeen(by: Fleet, colour: string, limitMs: number): Promise<void> {
    for (const host of hosts) await host.cli(['config', 'set', `on-${host.name}`, 'user.colour', colour]);
    for (const host of hosts) {
      const params = { id: ids.get(host) ?? '' };
      await untilTrue(
        `${colour} on ${host.name} is seen`,
        async () => (await by.client.call('getInstance', { params })).value.config['user.colour'] === colour,
        limitMs,
      );
    }
  }

  it('share the hosts out: each host has one session, each server at least one', async () => {
    await untilTrue('the hosts are shared out', async () => {
      const [one, two] = await Promise.all([liveSessions(first), liveSessions(second)]);
      return one >= 1 && two >= 1 && one + two === hosts.length;
    });
    await assertChangesAreSeen(first, 'red', 60_000);
    await assertChangesAreSeen(second, 'green', 60_000);
  });

  it('tell each other: what one is asked, the other can show and follow', async () => {
    const params = { id: spare };
    const { value } = await first.client.call('powerInstance', { params, body: { action: 'start' } });
    await second.done(Promise.resolve({ value }));
    assert.equal((await second.client.call('getInstance', { params })).value.status, 'running');
  });

  it('go on when one is killed: the other takes its hosts and its operations over within 30 s', async () => {
    const params = { id: spare };
    const { value } = await first.client.call('powerInstance', {
      params,
      body: { action: 'stop', force: true },
    });
    await first.longshore.end('SIGKILL');
    await assertChangesAreSeen(second, 'blue', TAKE_OVER_MS);
    await untilTrue('all sessions are its own', async () => (await liveSessions(second)) === hosts.length);
    await second.done(Promise.resolve({ value }));
    assert.equal((await second.client.call('getInstance', { params })).value.status, 'stopped');
  });
});
