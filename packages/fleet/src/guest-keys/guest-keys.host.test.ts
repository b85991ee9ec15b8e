import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { InstanceCopy, InstanceCreation, type InstanceSshKeys } from '@longshore/contract';
import type { TestHost } from '@longshore/testbed';
import { copyInstance } from '../copies/copy-instance.ts';
import { importHostKeys, rotateHostKeys } from '../host-keys/change-host-keys.ts';
import { listHostKeys } from '../host-keys/host-keys-rows.ts';
import { createInstance } from '../instances/create-instance.ts';
import { powerInstance } from '../instances/power-instance.ts';
import type { Accepted } from '../operations/accept.ts';
import { openRealFleet, type RealFleet } from '../testing/real-fleet.ts';
import { eventually } from '../testing/test-fleet.ts';
import type { GuestKey } from './guest-key.ts';
import { readGuestKeys } from './read-guest-keys.ts';
import { requestGuestKeys } from './request-guest-keys.ts';

const me = { name: 'tester' };
const key = (person: string): GuestKey => ({
  fingerprint: `SHA256:${person}`,
  type: 'ssh-ed25519',
  publicKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${person}`,
  comment: 'laptop',
  personId: '00000000-0000-4000-8000-000000000001',
  person,
});
const BEGIN = '# BEGIN Longshore (changes between these two lines are undone)\n';
const lineOf = (person: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${person} longshore:${person} laptop\n`;
const END = '# END Longshore\n';
const FILE = '/root/.ssh/authorized_keys';

describe('keys in guests of real hosts', { timeout: 240_000 }, () => {
  const closing: (() => Promise<void>)[] = [];
  let fleet: RealFleet;
  let keys: readonly GuestKey[] = [];

  before(async () => {
    fleet = await openRealFleet(
      { after: (fn) => void closing.push(fn) },
      { name: 'fkeys', lxd: 1, incus: 1, guestKeySource: async () => keys },
    );
    await Promise.all(
      fleet.testbed.hosts.map(async (host) => {
        await host.importImage('busybox');
        // An image of a guest with an SSH server, as far as a folder tells.
        await host.cli(['launch', 'bb', 'maker']);
        await host.cli(['exec', 'maker', '--', 'mkdir', '-p', '/etc/ssh']);
        await host.cli(['publish', 'maker', '--force', '--alias', 'with-ssh']);
        await host.cli(['delete', 'maker', '--force']);
      }),
    );
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const made = async (accepted: Promise<Accepted>): Promise<string> => {
    const { operation, instanceId = '' } = await accepted;
    await fleet.succeeded(operation);
    return instanceId;
  };
  const changeKeys = async (id: string, now: readonly GuestKey[]) => {
    keys = now;
    await fleet.context.store.transaction((trx) => requestGuestKeys(trx, [{ kind: 'instance', scope: id }]));
  };
  /** Waits until the keys of an instance stand like this. */
  const until = (id: string, what: string, holds: (now: InstanceSshKeys) => boolean) =>
    eventually(what, async () => {
      const now = await readGuestKeys(fleet.context, id);
      return holds(now) ? now : undefined;
    });
  const inStep =
    (user: string, ...fingerprints: readonly string[]) =>
    (now: InstanceSshKeys) =>
      now.users.some((each) => each.user === user && each.state === 'in_step') &&
      now.keys.length === fingerprints.length &&
      now.keys.every((each) => each.state === 'in_step' && fingerprints.includes(each.fingerprint));

  for (const kind of ['lxd', 'incus'] as const) {
    describe(kind, () => {
      let host: TestHost;
      let id = '';
      const change = (script: string) => host.cli(['exec', `${kind}-k`, '--', 'sh', '-c', script]);
      /** What a command that changes nothing says; a busy host may lose the output of one, which shows at its end. */
      const inside = (script: string, guest = `${kind}-k`) =>
        eventually(`the guest says what it has: ${script}`, async () => {
          const said = await host.cli(['exec', guest, '--', 'sh', '-c', `${script}; echo .end`]);
          return said.endsWith('.end\n') ? said.slice(0, -'.end\n'.length) : undefined;
        });

      before(async () => {
        const found = fleet.testbed.hosts.find((each) => each.kind === kind);
        assert.ok(found);
        host = found;
        keys = [];
        const creation = { name: `${kind}-k`, source: { image: 'with-ssh' }, placement: { host: host.name } };
        id = await made(createInstance(fleet.context, InstanceCreation.parse(creation), me));
      });

      it('come with the right modes, beside what is there, and leave again', async () => {
        assert.equal(await inside('ls -A /root'), '', 'nobody may log in: nothing is touched');
        await changeKeys(id, [key('anna'), key('bert')]);
        await until(id, 'both have come', inStep('root', 'SHA256:anna', 'SHA256:bert'));
        assert.equal(await inside(`cat ${FILE}`), `${BEGIN}${lineOf('anna')}${lineOf('bert')}${END}`);
        const modes = await inside(`stat -c '%a %u %g' /root/.ssh ${FILE}; ls -A /root/.ssh`);
        assert.equal(modes, '700 0 0\n600 0 0\nauthorized_keys\n');
        await change(
          `printf 'mine' > /tmp/k; cat ${FILE} >> /tmp/k; sed -i 's/^mine#/mine\\n#/' /tmp/k; cat /tmp/k > ${FILE}`,
        );
        await changeKeys(id, [key('bert')]);
        await until(id, 'anna has gone', inStep('root', 'SHA256:bert'));
        assert.equal(await inside(`cat ${FILE}`), `mine\n${BEGIN}${lineOf('bert')}${END}`);
        await changeKeys(id, []);
        await until(id, 'all have gone', (now) => now.keys.length === 0 && now.users.length === 0);
        assert.equal(await inside(`cat ${FILE}`), 'mine\n');
      });

      it('follow no link that a user of the guest has laid', async () => {
        await change(`echo debian:x:1000:1000::/home/debian:/bin/sh >> /etc/passwd; mkdir -p /home/debian
          chown 1000:1000 /home/debian; echo secret > /etc/authorized_keys; ln -s /etc /home/debian/.ssh`);
        await changeKeys(id, [key('anna')]);
        const linked = await until(id, 'the link is seen', ({ users }) =>
          users.some(({ user, state }) => user === 'debian' && state === 'failed'),
        );
        assert.match(linked.users.find(({ user }) => user === 'debian')?.reason ?? '', /symbolic link/);
        assert.deepEqual(
          linked.keys.map(({ state, users }) => [state, users]),
          [['pending', ['root']]],
        );
        assert.equal(
          await inside('cat /etc/authorized_keys; ls -ld /etc | cut -c1-10'),
          'secret\ndrwxr-xr-x\n',
        );
        await change('rm /home/debian/.ssh');
        await changeKeys(id, keys);
        await until(id, 'the user has the key', inStep('debian', 'SHA256:anna'));
        const owned = await inside(
          "cd /home/debian/.ssh; stat -c '%a %u %g' . authorized_keys; cat authorized_keys",
        );
        assert.equal(owned, `700 1000 1000\n600 1000 1000\n${BEGIN}${lineOf('anna')}${END}`);
      });

      it('wait while it is stopped, and are right when it runs again', async () => {
        const power = (action: 'start' | 'stop') =>
          made(powerInstance(fleet.context, { id, action, force: true, timeoutSeconds: 30 }, me));
        await power('stop');
        await changeKeys(id, [key('cleo')]);
        const waiting = await until(id, 'it waits', ({ users }) =>
          users.every(({ state }) => state === 'pending'),
        );
        assert.deepEqual(waiting.keys.map(({ person, state }) => [person.name, state]).toSorted(), [
          ['anna', 'leaving'],
          ['cleo', 'pending'],
        ]);
        await power('start');
        await until(id, 'it is in step', inStep('debian', 'SHA256:cleo'));
        assert.equal(
          await inside('cat /home/debian/.ssh/authorized_keys'),
          `${BEGIN}${lineOf('cleo')}${END}`,
        );
      });

      it('prove who the guest is from its first start on, and a copy is another', async () => {
        const { store } = fleet.context;
        const shown = async (name: string) =>
          (await inside('cat /etc/ssh/ssh_host_*_key.pub', name)).trim().split('\n').toSorted();
        const kept = async (of: string) =>
          (await listHostKeys(store.db, of)).map(({ publicKey }) => publicKey).toSorted();
        const first = await kept(id);
        assert.equal(first.length, 2);
        assert.deepEqual(await shown(`${kind}-k`), first);
        assert.equal(await inside("stat -c '%a %u' /etc/ssh/ssh_host_ed25519_key"), '600 0\n');
        const copy = { id, ...InstanceCopy.parse({ name: `${kind}-c`, start: true }) };
        const copyId = await made(copyInstance(fleet.context, copy, me));
        const others = await kept(copyId);
        assert.deepEqual(await shown(`${kind}-c`), others);
        assert.ok(others.every((each) => !first.includes(each)));
        await made(rotateHostKeys(fleet.context, { id, types: ['ed25519'] }, me));
        const [rotated = ''] = await kept(id);
        assert.deepEqual([await shown(`${kind}-k`), first.includes(rotated)], [[rotated], false]);
        const theirs = await inside('cat /etc/ssh/ssh_host_ed25519_key');
        await made(importHostKeys(fleet.context, { id: copyId, from: 'keys', keys: [theirs] }, me));
        assert.deepEqual(await shown(`${kind}-c`), [rotated]);
        await made(importHostKeys(fleet.context, { id, from: 'guest' }, me));
        assert.deepEqual(
          (await listHostKeys(store.db, id)).map(({ origin, publicKey }) => [origin, publicKey]),
          [['imported', rotated]],
        );
        await until(copyId, 'a copy is looked into', inStep('debian', 'SHA256:cleo'));
      });
    });
  }
});
