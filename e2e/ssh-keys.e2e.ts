import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient } from '@longshore/contract';
import { createTestBrowser, type TestHost } from '@longshore/testbed';
import ssh2 from 'ssh2';
import { z } from 'zod';
import { type Fleet, openFleet } from './open-fleet.ts';
import { makeSshImage, type SshLogin, sshLogin, startSshServer } from './ssh-in-guest.ts';
import { untilTrue } from './until-true.ts';

const password = 'correct horse battery';
const NewToken = z.object({ secret: z.string() });
const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'laptop' });

describe('a member of a project logs in to its instances', { timeout: 300_000 }, () => {
  let fleet: Fleet;
  let host: TestHost;
  let anna: Client;
  let box = '';
  let address = '';

  before(async () => {
    fleet = await openFleet({ name: 'sshkey', lxd: 1 });
    const [only] = fleet.testbed.hosts;
    assert.ok(only);
    host = only;
    const image = await makeSshImage(host);
    await fleet.enrol(host);
    const { call } = fleet.client;
    await call('createPerson', { body: { name: 'anna', displayName: 'Anna', password } });
    await call('createProject', { body: { name: 'lab' } });
    const browser = createTestBrowser();
    const ask = (path: string, body: unknown) =>
      browser.change('POST', `${fleet.longshore.url}${path}`, body);
    assert.equal((await ask('/v1/login', { name: 'anna', password })).status, 200);
    const made = await ask('/v1/me/tokens', { name: 'e2e', scopes: ['*'] });
    anna = createClient({ url: fleet.longshore.url, token: NewToken.parse(await made.json()).secret });
    box = await fleet.launch('box', { project: 'lab', source: { image } });
    await startSshServer(host, 'box');
    await untilTrue('the instance shows an address of the LAN', async () => {
      const { value } = await call('getInstance', { params: { id: box } });
      address = value.addresses.find((each) => each.address.startsWith('2001:db8:'))?.address ?? '';
      return address !== '';
    });
  });

  after(() => fleet?.close());

  const login = (): Promise<SshLogin> =>
    sshLogin({ address, user: 'root', privateKey: pair.private, command: 'id -un' });
  const file = () =>
    host.cli(['exec', 'box', '--', 'sh', '-c', 'cat /root/.ssh/authorized_keys 2>/dev/null || true']);
  const giveRole = () =>
    fleet.client.call('addMember', {
      params: { id: 'lab' },
      body: { subject: { kind: 'person', name: 'anna' }, role: 'operator' },
    });

  it('with a key that arrives by itself, to a host key that was known before', async () => {
    await untilTrue('the server in the guest answers', async () => (await login()).outcome === 'refused');
    await anna.call('addMySshKey', { body: { key: pair.public } });
    assert.equal((await anna.call('listMySshKeys')).value.instances.pending, 0);
    await giveRole();
    await untilTrue('the key has arrived', async () => {
      const { instances } = (await anna.call('listMySshKeys')).value;
      return instances.inStep === 1 && instances.pending === 0;
    });
    const entered = await login();
    assert.equal(entered.outcome, 'in', JSON.stringify(entered));
    assert.equal(entered.outcome === 'in' && entered.said, 'root\n');
    const known = await (await anna.download('getKnownHosts')).text();
    const line = known.split('\n').find((each) => each.includes(` ssh-ed25519 `)) ?? '';
    assert.ok(line.startsWith('box,') && line.includes(address), known);
    assert.equal(entered.outcome === 'in' && entered.hostKey, line.split(' ')[2]);
  });

  it('no longer once the membership ends; the instance was not restarted for it', async () => {
    const { value } = await fleet.client.call('listMembers', { params: { id: 'lab' } });
    const [member] = value.items;
    assert.ok(member);
    await fleet.client.call('removeMember', { params: { id: 'lab', binding: member.id } });
    await untilTrue('the key has left', async () => !(await file()).includes('longshore:anna'));
    await untilTrue('the login is refused', async () => (await login()).outcome === 'refused');
    await untilTrue('and shown nowhere', async () => {
      const { instances } = (await anna.call('listMySshKeys')).value;
      return instances.inStep + instances.pending + instances.leaving === 0;
    });
  });

  it('nor with a blocked account, also where the host could not be reached meanwhile', async () => {
    await giveRole();
    await untilTrue('the key is there', async () => (await login()).outcome === 'in');
    await host.daemon('stop');
    const { value: people } = await fleet.client.call('listPeople', {});
    const person = people.items.find(({ name }) => name === 'anna');
    assert.ok(person);
    await fleet.client.call('blockPerson', { params: { id: person.id }, body: {} });
    await untilTrue('it is shown as still there', async () => {
      const { value } = await fleet.client.call('getInstanceSshKeys', { params: { id: box } });
      return (
        value.keys.some(({ state }) => state === 'leaving') &&
        value.users.some(({ state }) => state !== 'in_step')
      );
    });
    await host.daemon('start');
    await untilTrue('the login is refused', async () => (await login()).outcome === 'refused');
    assert.ok(!(await file()).includes('longshore:'));
  });
});
