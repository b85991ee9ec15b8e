import {
  type Client,
  createClient,
  type InstanceCreation,
  type Operation,
  waitForOperation,
} from '@longshore/contract';
import {
  type LongshoreOptions,
  type LongshoreProcess,
  openTestbed,
  startLongshore,
  type Testbed,
  type TestHost,
} from '@longshore/testbed';
import type { z } from 'zod';
import { untilTrue } from './until-true.ts';

/** Real hosts, a whole Longshore, and its client: what every journey starts from. */
export type Fleet = Readonly<{
  testbed: Testbed;
  longshore: LongshoreProcess;
  client: Client;
  /** Enrols a host by a one-time token and returns its identifier. */
  enrol(host: TestHost): Promise<string>;
  /** Launches an instance and returns its identifier. */
  launch(name: string, creation: Omit<z.input<typeof InstanceCreation>, 'name'>): Promise<string>;
  /** Waits until an operation has succeeded; throws its failure. */
  done(accepted: Promise<{ value: { operation: Operation } }>): Promise<Operation>;
  close(): Promise<void>;
}>;

/** How many hosts, and how the server is started. */
export type FleetOptions = Readonly<{
  name: string;
  lxd: number;
  incus?: number;
  longshore?: LongshoreOptions;
}>;

/** Brings up hosts and server; what was opened is closed again when a part of it fails. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const testbed = await openTestbed({
    name: options.name,
    lxd: options.lxd,
    trust: false,
    ...(options.incus === undefined ? {} : { incus: options.incus }),
  });
  try {
    const longshore = await startLongshore(options.longshore);
    return fleetOf(testbed, longshore);
  } catch (error) {
    await testbed.close();
    throw error;
  }
}

/** The same hosts under a server that was started anew on the same data. */
export function fleetOf(testbed: Testbed, longshore: LongshoreProcess): Fleet {
  const client = createClient({ url: longshore.url, token: longshore.token });
  const done: Fleet['done'] = async (accepted) => {
    const { value } = await accepted;
    return waitForOperation(client, value.operation.id);
  };
  return {
    testbed,
    longshore,
    client,
    done,
    async enrol(host) {
      const token = await host.token('longshore');
      await done(
        client.call('enrolHost', {
          body: { name: host.name, access: { by: 'token', token, url: host.url } },
        }),
      );
      const { value } = await client.call('listHosts', { query: { filter: `name:${host.name}` } });
      const [enrolled] = value.items;
      if (enrolled === undefined) throw new Error(`${host.name} was enrolled but is not listed`);
      await untilTrue(`${host.name} is online`, async () => {
        const { value: now } = await client.call('getHost', { params: { id: enrolled.id } });
        return now.status === 'online';
      });
      return enrolled.id;
    },
    async launch(name, creation) {
      const { value } = await client.call('createInstance', { body: { name, ...creation } });
      await waitForOperation(client, value.operation.id);
      return value.instanceId;
    },
    async close() {
      await longshore.stop();
      await testbed.close();
    },
  };
}
