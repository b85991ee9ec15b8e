import type { FleetContext } from '../fleet-context.ts';
import { readOneInstance } from './read-instance.ts';
import { nextObservation, writeInstances } from './write-instances.ts';

/**
 * Reads one instance on its host and writes what was seen, so that the API is true when the operation that asked ends.
 * Gone from the host: its row becomes `missing` (one that is still `pending` stays so).
 *
 * @throws LongshoreError what {@link FleetContext.connections} and the host answer.
 */
export async function refreshInstance(
  context: FleetContext,
  hostId: string,
  lxdProject: string,
  name: string,
): Promise<void> {
  const { host, client } = await context.connections.client(hostId);
  const read = await readOneInstance(() => nextObservation(context.store), client, host, lxdProject, name);
  await writeInstances(context.store, { ...read, hostId, settlesPending: true });
}
