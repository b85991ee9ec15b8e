import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { HostEnrolment } from '@longshore/contract';
import { type SimulatedFleet, startSimulatedHosts, type TestHost } from '@longshore/testbed';
import { z } from 'zod';
import { type Fleet, openFleet } from './open-fleet.ts';

type Access = z.input<typeof HostEnrolment>['access'];

/** What LXD and Incus put into a trust token: JSON in base64. */
const TrustToken = z.looseObject({ secret: z.string(), fingerprint: z.string() });

/** The same token with some of its fields changed. */
function forge(token: string, change: { secret?: string; fingerprint?: string }): string {
  const fields = TrustToken.parse(JSON.parse(Buffer.from(token, 'base64').toString()));
  return Buffer.from(JSON.stringify({ ...fields, ...change })).toString('base64');
}

describe('enrolment of real LXD and Incus hosts', () => {
  let fleet: Fleet;
  let lxd: TestHost;
  let incus: TestHost;
  let stranger: SimulatedFleet;

  before(async () => {
    fleet = await openFleet({ name: 'enrol', lxd: 1, incus: 1 });
    const [one, two] = fleet.testbed.hosts;
    assert.ok(one && two);
    [lxd, incus] = [one, two];
    stranger = await startSimulatedHosts({ count: 1, instancesPerHost: 0 });
  });

  after(async () => {
    await fleet?.close();
    await stranger?.close();
  });

  beforeEach(() => assertNothingIsEnrolled());

  const enrol = (access: Access) => fleet.done(fleet.client.call('enrolHost', { body: { access } }));
  const hosts = async () => (await fleet.client.call('listHosts', {})).value.items;
  const trustOf = (host: TestHost) => host.cli(['config', 'trust', 'list', '--format', 'csv']);
  const removeHosts = async () => {
    for (const { id } of await hosts()) await fleet.done(fleet.client.call('removeHost', { params: { id } }));
  };

  async function assertNothingIsEnrolled(): Promise<void> {
    assert.deepEqual(await hosts(), [], 'no host is kept');
    for (const host of [lxd, incus]) {
      assert.equal((await trustOf(host)).trim(), '', `${host.name} trusts nobody`);
    }
  }

  /** Refused for its own reason, said with what to do about it, and nothing is left anywhere. */
  async function assertRefused(access: Access, code: string): Promise<void> {
    await assert.rejects(enrol(access), (error: unknown) => {
      const { success, data } = z
        .object({ code: z.string(), message: z.string(), hint: z.string() })
        .safeParse(error);
      assert.ok(success, `${String(error)} has code and hint`);
      assert.equal(data.code, code, data.message);
      return true;
    });
    await assertNothingIsEnrolled();
  }

  it('refuses a token with a wrong secret', async () => {
    for (const host of [lxd, incus]) {
      const token = forge(await host.token('longshore'), { secret: '0'.repeat(64) });
      await assertRefused({ by: 'token', token, url: host.url }, 'trust-token-refused');
    }
  });

  it('sends nothing to a server with another certificate than the token names', async () => {
    for (const host of [lxd, incus]) {
      const token = forge(await host.token('longshore'), { fingerprint: 'ab'.repeat(32) });
      await assertRefused({ by: 'token', token, url: host.url }, 'fingerprint-mismatch');
    }
  });

  it('takes a token once', async () => {
    for (const host of [lxd, incus]) {
      const token = await host.token('longshore');
      await enrol({ by: 'token', token, url: host.url });
      assert.equal((await hosts()).length, 1);
      await removeHosts();
      await assertRefused({ by: 'token', token, url: host.url }, 'trust-token-refused');
    }
  });

  it('refuses a wrong trust password, and any for a server that has none', async () => {
    for (const host of [lxd, incus]) {
      const fingerprint = await host.fingerprint();
      await assertRefused(
        { by: 'password', url: host.url, password: 'guessed', fingerprint },
        'trust-password-refused',
      );
    }
  });

  it('sends the password to no server but the one that the person has confirmed', async () => {
    const password = lxd.trustPassword ?? '';
    const fingerprint = 'cd'.repeat(32);
    await assertRefused({ by: 'password', url: lxd.url, password, fingerprint }, 'fingerprint-mismatch');
    await enrol({ by: 'password', url: lxd.url, password, fingerprint: await lxd.fingerprint() });
    await removeHosts();
  });

  it('says that a server does not trust Longshore', async () => {
    for (const host of [lxd, incus]) {
      const fingerprint = await host.fingerprint();
      await assertRefused({ by: 'trusted', url: host.url, fingerprint }, 'trust-missing');
    }
  });

  it('says that nothing answers there', async () => {
    const token = await lxd.token('longshore');
    const refusing = `https://${lxd.address}:8444`;
    await assertRefused({ by: 'token', token, url: refusing }, 'host-unreachable');
    await lxd.cable('out');
    try {
      await assertRefused({ by: 'token', token, url: lxd.url }, 'host-unreachable');
    } finally {
      await lxd.cable('in');
    }
    await assertRefused({ by: 'socket', path: '/nowhere/unix.socket' }, 'host-unreachable');
  });

  it('says that what answers is neither LXD nor Incus', async () => {
    const [host] = stranger.hosts;
    assert.ok(host);
    host.fail('garbage'); // from now on a TLS server like any other
    const { url, fingerprint } = host;
    await assertRefused({ by: 'password', url, password: 'p', fingerprint }, 'not-an-lxd-server');
    await assertRefused({ by: 'token', token: host.token('longshore'), url }, 'not-an-lxd-server');
  });

  it('recognises a host that it has, under whatever address', async () => {
    for (const [index, host] of [lxd, incus].entries()) {
      await enrol({ by: 'token', token: await host.token('longshore'), url: host.url });
      const second = host.address.replace(/\d+$/, String(200 + index));
      await host.run(['ip', 'address', 'add', `${second}/24`, 'dev', 'lanbr']);
      const { port } = new URL(host.url);
      const before = await trustOf(host);
      for (const access of [
        { by: 'token', token: await host.token('longshore'), url: host.url },
        { by: 'token', token: await host.token('longshore'), url: `https://${second}:${port}` },
        { by: 'socket', path: host.socketPath },
      ] as const) {
        await assert.rejects(enrol(access), { code: 'already-enrolled' });
        assert.equal((await hosts()).length, 1);
        assert.equal(await trustOf(host), before, 'the trust entry of the enrolled host stays');
      }
      await removeHosts();
    }
  });

  it('adopts a local socket, and asks for no trust', async () => {
    for (const host of [lxd, incus]) {
      await enrol({ by: 'socket', path: host.socketPath });
      const [adopted] = await hosts();
      assert.deepEqual(
        [adopted?.kind, adopted?.url, adopted?.fingerprint],
        [host.kind, `unix:${host.socketPath}`, null],
      );
      assert.equal((await trustOf(host)).trim(), '');
      await removeHosts();
    }
  });

  it('is content with a token that is restricted to projects, and sees these alone', async () => {
    const image = await lxd.importImage('busybox');
    await lxd.cli([
      'project',
      'create',
      'team',
      '-c',
      'features.images=false',
      '-c',
      'features.profiles=false',
    ]);
    await lxd.cli(['init', image, 'inside', '--project', 'team']);
    await lxd.cli(['init', image, 'outside']);
    const said = await lxd.cli([
      'config',
      'trust',
      'add',
      '--name',
      'longshore',
      '--restricted',
      '--projects',
      'team',
    ]);
    await enrol({ by: 'token', token: said.trim().split('\n').at(-1)?.trim() ?? '', url: lxd.url });
    const { value } = await fleet.client.call('listInstances', {});
    assert.deepEqual(
      value.items.map(({ name, lxdProject }) => [lxdProject, name]),
      [['team', 'inside']],
    );
    await removeHosts();
  });
});
