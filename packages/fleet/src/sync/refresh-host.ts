import type { FleetContext } from '../fleet-context.ts';
import { checkServer } from '../hosts/check-server.ts';
import { announceHost } from '../hosts/host-changes.ts';
import { createHostReader } from './host-reader.ts';
import { writeServer } from './write-host.ts';
import type { InstancesWritten } from './write-instances.ts';

/**
 * Reads a host in full and writes what differs, whatever its session is doing. A host that was taken for unreachable
 * and answers has its session woken.
 * @throws LongshoreError `not-found`, `trust-missing`, `server-too-old`; LxdError
 */
export async function refreshHost(
  context: FleetContext,
  hostId: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly written: InstancesWritten; readonly problems: readonly string[] }> {
  const { store } = context;
  const { host, client } = await context.connections.clientToTry(hostId);
  const info = await client.server.get({ signal });
  checkServer(info, host.name);
  await writeServer(store.db, hostId, info);
  const reader = createHostReader({
    store,
    host: { id: hostId, extensions: [...info.apiExtensions] },
    client,
    turn: (work) => work(),
  });
  const [outcome] = await Promise.all([
    reader.instances(signal),
    reader.facts(signal),
    reader.resources(signal),
  ]);
  if (host.status !== 'online') await announceHost(store, hostId, store.db);
  return outcome;
}
