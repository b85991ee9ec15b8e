import { type Client, createClient, waitForOperation } from '@longshore/contract';
import type { LongshoreProcess, SimulatedFleet } from '@longshore/testbed';
import { untilTrue } from '../until-true.ts';

const NAMES = ['north-1', 'north-2', 'north-3', 'south-1', 'south-2', 'edge-1'];

/** What the pages of the screenshots show. */
export type FurnishedFleet = Readonly<{
  client: Client;
  hostId: string;
  instanceId: string;
  quarantinedId: string;
  personId: string;
}>;

/** The administrator at whose pages people's side is looked at. */
export const ADA = { name: 'ada', displayName: 'Ada Lovelace', password: 'correct horse battery' } as const;

/** Enrols simulated hosts under names that people would give, and lets some things happen: one cannot be reached, one changed. */
export async function furnishFleet(
  longshore: Pick<LongshoreProcess, 'url' | 'token'>,
  simulated: SimulatedFleet,
): Promise<FurnishedFleet> {
  const client = createClient({ url: longshore.url, token: longshore.token });
  const done = async (accepted: Promise<{ value: { operation: { id: string } } }>) =>
    waitForOperation(client, (await accepted).value.operation.id);
  for (const [index, host] of simulated.hosts.entries()) {
    const name = NAMES[index] ?? `host-${index}`;
    await done(
      client.call('enrolHost', {
        body: {
          name,
          access: { by: 'token', token: host.token('longshore'), url: host.url },
          labels: { site: name.split('-')[0] ?? '' },
        },
      }),
    );
  }
  const hostOf = async (name: string) => {
    const { value } = await client.call('listHosts', { query: { filter: `name:${name}` } });
    const [host] = value.items;
    if (host === undefined) throw new Error(`${name} is not enrolled`);
    return host;
  };
  await untilTrue('all hosts are read', async () => {
    const { value } = await client.call('listHosts', {});
    return value.items.every((host) => host.status === 'online' && host.instances.total > 0);
  });
  const made: string[] = [];
  for (const name of ['web1', 'web2', 'db1']) {
    const { value } = await client.call('createInstance', {
      body: {
        name,
        source: { image: 'bb' },
        placement: { host: 'north-1' },
        labels: { app: name.replace(/\d$/, '') },
        limits: { cpu: '2', memory: '2GiB' },
        description: 'Made for the pictures',
      },
    });
    made.push(value.instanceId);
    await waitForOperation(client, value.operation.id);
  }
  const [instanceId = ''] = made;
  for (const name of ['before-upgrade', 'nightly'])
    await done(client.call('createSnapshot', { params: { id: instanceId }, body: { name } }));
  const changed = simulated.hosts.at(-1);
  await changed?.renewCertificate();
  const quarantined = await hostOf('edge-1');
  await untilTrue('the host with a new certificate is set aside', async () => {
    const { value } = await client.call('getHost', { params: { id: quarantined.id } });
    return value.status === 'quarantined';
  });
  const personId = await furnishPeople(client, instanceId);
  return {
    client,
    hostId: (await hostOf('north-1')).id,
    instanceId,
    quarantinedId: quarantined.id,
    personId,
  };
}

/** People with roles, projects with quotas, tokens of robots, and an identity provider that is not there. */
async function furnishPeople(client: Client, instanceId: string): Promise<string> {
  const { value: ada } = await client.call('createPerson', { body: ADA });
  await client.call('createBinding', { body: { subject: { kind: 'person', name: 'ada' }, role: 'admin' } });
  for (const [name, displayName] of [
    ['grace', 'Grace Hopper'],
    ['alan', 'Alan Turing'],
    ['edsger', 'Edsger Dijkstra'],
  ] as const)
    await client.call('createPerson', { body: { name, displayName, password: ADA.password } });
  const GIB = 1024 ** 3;
  for (const [name, description, instances] of [
    ['shop', 'The shop and its databases', 4],
    ['research', 'Experiments that may break', 40],
    ['build', 'Runners of the build farm', null],
  ] as const)
    await client.call('createProject', {
      body: {
        name,
        description,
        quota: { instances, cpu: 16, memoryBytes: 64 * GIB, diskBytes: null },
        maxLifetimeDays: name === 'research' ? 90 : null,
      },
    });
  const instance = await client.call('getInstance', { params: { id: instanceId } });
  await client.call('updateInstance', {
    params: { id: instanceId },
    body: { project: 'shop' },
    ifMatch: instance.etag ?? '',
  });
  for (const [name, role] of [
    ['grace', 'admin'],
    ['alan', 'operator'],
  ] as const)
    await client.call('addMember', {
      params: { id: 'shop' },
      body: { subject: { kind: 'person', name }, role },
    });
  const group = { kind: 'group', name: 'gitlab:infra/admins' } as const;
  await client.call('createBinding', { body: { subject: group, role: 'auditor' } });
  await client.call('createProjectToken', {
    params: { id: 'shop' },
    body: { name: 'deploy', role: 'operator' },
  });
  await client.call('createIdentityProvider', {
    body: {
      name: 'gitlab',
      title: 'GitLab',
      kind: 'gitlab',
      issuer: 'https://gitlab.example.org',
      clientId: '5d1c9e0b7a',
      clientSecret: 'not a secret',
    },
  });
  return ada.id;
}
