import type { InstancePage } from '@longshore/contract';
import type { QueryClient } from '@tanstack/react-query';
import { settleWatched } from '../operations/watched-operations.ts';
import { client } from '../session/client.ts';
import type { EventBatch } from './event-batch.ts';
import { hostsQuery, INSTANCES_KEY } from './fleet-queries.ts';
import {
  filtersForIds,
  IDS_PER_REQUEST,
  MAX_PATCHED,
  patchHosts,
  patchInstances,
} from './patch-instances.ts';

/** Brings what the pages show up to date with a batch of changes. What no page shows is only marked as old. */
export async function refreshQueries(queries: QueryClient, batch: EventBatch): Promise<void> {
  if (batch.reset) {
    await Promise.all([queries.invalidateQueries(), settleWatched(queries, null)]);
    return;
  }
  const work: Promise<unknown>[] = [];
  const renew = (...queryKey: string[]) => work.push(queries.invalidateQueries({ queryKey }));
  const instances = new Set([...batch.instances, ...batch.removedInstances]);
  if (instances.size > 0) {
    work.push(refreshInstanceLists(queries, instances));
    renew('instance-counts');
    for (const id of instances) renew('instance', id);
  }
  if (batch.hosts.size > 0) {
    work.push(refreshHosts(queries));
    for (const id of batch.hosts) renew('host', id);
    // An instance tells how its host is; only the one that is shown is read again.
    renew('instance');
  }
  if (batch.operations.size > 0) {
    renew('operations');
    for (const id of batch.operations) renew('operation', id);
    work.push(settleWatched(queries, batch.operations));
  }
  if (batch.images) renew('images');
  // Their names stand in the lists of instances.
  if (batch.projects) {
    renew('instances');
    renew('projects');
  }
  await Promise.all(work);
}

/** How a host is stands in the lists of instances too: the age of what a silent host showed last. */
async function refreshHosts(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: hostsQuery.queryKey });
  const hosts = queries.getQueryData(hostsQuery.queryKey);
  if (hosts === undefined) return;
  queries.setQueriesData<InstancePage>(
    { queryKey: INSTANCES_KEY },
    (page) => page && patchHosts(page, hosts.items),
  );
}

/** Asks for the changed rows only: a list of 10,000 is megabytes, and one of them changed. */
async function refreshInstanceLists(queries: QueryClient, ids: ReadonlySet<string>): Promise<void> {
  const lists = queries.getQueryCache().findAll({ queryKey: INSTANCES_KEY });
  await Promise.all(
    lists.map(async (list) => {
      const page = queries.getQueryData<InstancePage>(list.queryKey);
      const serverFilter = String(list.queryKey[1] ?? '');
      if (page === undefined || !list.isActive() || ids.size > MAX_PATCHED || serverFilter !== '') {
        await queries.invalidateQueries({ queryKey: list.queryKey, exact: true });
        return;
      }
      try {
        const read = await Promise.all(
          filtersForIds(ids).map(
            async (filter) =>
              (await client.call('listInstances', { query: { filter, limit: IDS_PER_REQUEST } })).value,
          ),
        );
        queries.setQueryData<InstancePage>(list.queryKey, (now) => now && patchInstances(now, ids, read));
      } catch {
        // The list says itself what is wrong when it is read again.
        await queries.invalidateQueries({ queryKey: list.queryKey, exact: true });
      }
    }),
  );
}
