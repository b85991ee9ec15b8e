import { openTestbed, type TestHost } from '@longshore/testbed';
import type { InstanceCreate } from '../api/instance.ts';
import { createLxdClient, type LxdClient } from '../lxd-client.ts';

/** A real host with the small image and a client. */
export type RealHost = { readonly host: TestHost; readonly client: LxdClient };

export type RealHosts = AsyncDisposable & { readonly lxd: RealHost; readonly incus: RealHost };

/** One LXD and one Incus host. `name` tells testbeds of different test files apart. */
export async function openRealHosts(name: string): Promise<RealHosts> {
  const bed = await openTestbed({ name, lxd: 1, incus: 1 });
  try {
    const [lxd, incus] = await Promise.all(bed.hosts.map(prepare));
    if (!lxd || !incus) throw new Error('the testbed came up without its hosts');
    return {
      lxd,
      incus,
      async [Symbol.asyncDispose]() {
        await Promise.all([lxd.client.close(), incus.client.close()]);
        await bed.close();
      },
    };
  } catch (error) {
    await bed.close();
    throw error;
  }
}

async function prepare(host: TestHost): Promise<RealHost> {
  await host.importImage('busybox');
  const client = createLxdClient({
    kind: 'https',
    url: host.url,
    fingerprint: await host.fingerprint(),
    clientCertificate: host.clientCertificate,
  });
  return { host, client };
}

/** Makes a container of the small image; starts it unless told otherwise. */
export async function launch(
  client: LxdClient,
  name: string,
  options: Partial<InstanceCreate> & { readonly start?: boolean } = {},
): Promise<void> {
  const { start = true, ...body } = options;
  await client.operations.wait(
    await client.instances.create({ name, source: { type: 'image', alias: 'bb' }, ...body }),
  );
  if (start) await client.operations.wait(await client.instances.setState(name, { action: 'start' }));
}
