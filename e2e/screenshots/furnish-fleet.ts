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
}>;

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
  return { client, hostId: (await hostOf('north-1')).id, instanceId, quarantinedId: quarantined.id };
}
