import { type InstanceStatus, MAX_PAGE } from '@longshore/contract';
import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

/**
 * Everything that pages read, with the key it is kept under. All are kept fresh by the event stream, so none asks again
 * by itself.
 */
const LIVE = { staleTime: Number.POSITIVE_INFINITY } as const;

export const serverQuery = queryOptions({
  queryKey: ['server'],
  queryFn: async ({ signal }) => (await client.call('getServer', { signal })).value,
  staleTime: 60_000,
});

export const hostsQuery = queryOptions({
  ...LIVE,
  queryKey: ['hosts'],
  queryFn: async ({ signal }) =>
    (await client.call('listHosts', { query: { limit: MAX_PAGE, sort: 'name' }, signal })).value,
});

/** The hosts that match, for the list. */
export const hostListQuery = (filter: string, sort: string) =>
  queryOptions({
    ...LIVE,
    queryKey: ['hosts', filter, sort],
    queryFn: async ({ signal }) =>
      (
        await client.call('listHosts', {
          query: { limit: MAX_PAGE, sort, ...(filter === '' ? {} : { filter }) },
          signal,
        })
      ).value,
  });

/** One host with its ETag; its use of memory and disk changes without an event, so it is read again now and then. */
export const hostQuery = (id: string) =>
  queryOptions({
    queryKey: ['host', id],
    queryFn: ({ signal }) => client.call('getHost', { params: { id }, signal }),
    refetchInterval: 30_000,
  });

/** The key under which the whole list is kept; a fleet of more than {@link MAX_PAGE} is filtered by the server. */
export const INSTANCES_KEY = ['instances'] as const;

export const instancesQuery = (serverFilter: string) =>
  queryOptions({
    ...LIVE,
    queryKey: [...INSTANCES_KEY, serverFilter],
    // Comparing 10,000 rows deeply would cost more than drawing what is seen of them.
    structuralSharing: false,
    queryFn: async ({ signal }) => {
      const filter = serverFilter === '' ? {} : { filter: serverFilter };
      return (
        await client.call('listInstances', { query: { limit: MAX_PAGE, sort: 'name', ...filter }, signal })
      ).value;
    },
  });

export const instanceQuery = (id: string) =>
  queryOptions({
    ...LIVE,
    queryKey: ['instance', id],
    queryFn: ({ signal }) => client.call('getInstance', { params: { id }, signal }),
  });

/** The first instances that match, for the palette. */
export const foundInstancesQuery = (filter: string) =>
  queryOptions({
    queryKey: ['found-instances', filter],
    staleTime: 5_000,
    queryFn: async ({ signal }) =>
      (await client.call('listInstances', { query: { limit: 8, sort: 'name', filter }, signal })).value,
  });

/** How many instances match; null where counting would cost too much. */
export const instanceCountQuery = (filter: string) =>
  queryOptions({
    ...LIVE,
    queryKey: ['instance-counts', filter],
    queryFn: async ({ signal }) =>
      (await client.call('listInstances', { query: { limit: 1, filter }, signal })).value.total,
  });

/** States that the overview counts. */
export const COUNTED_STATUSES = [
  'running',
  'stopped',
  'frozen',
  'pending',
  'error',
  'missing',
  'unknown',
] as const satisfies readonly InstanceStatus[];

/** The newest operations that match. */
export const operationsQuery = (filter: string, limit = 200) =>
  queryOptions({
    ...LIVE,
    queryKey: ['operations', filter, limit],
    queryFn: async ({ signal }) =>
      (
        await client.call('listOperations', {
          query: { limit, ...(filter === '' ? {} : { filter }) },
          signal,
        })
      ).value,
  });

/** What is going on now. */
export const RUNNING = 'status:queued,running,cancelling';

export const operationQuery = (id: string) =>
  queryOptions({
    ...LIVE,
    queryKey: ['operation', id],
    queryFn: async ({ signal }) => (await client.call('getOperation', { params: { id }, signal })).value,
  });

export const imagesQuery = queryOptions({
  ...LIVE,
  queryKey: ['images'],
  queryFn: async ({ signal }) =>
    (await client.call('listImages', { query: { limit: MAX_PAGE }, signal })).value,
});

/** The images that match, for the list. */
export const imageListQuery = (filter: string) =>
  queryOptions({
    ...LIVE,
    queryKey: ['images', filter],
    queryFn: async ({ signal }) =>
      (
        await client.call('listImages', {
          query: { limit: MAX_PAGE, ...(filter === '' ? {} : { filter }) },
          signal,
        })
      ).value,
  });

export const exportsQuery = queryOptions({
  queryKey: ['exports'],
  queryFn: async ({ signal }) =>
    (await client.call('listExports', { query: { limit: MAX_PAGE, sort: '-createdAt' }, signal })).value,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await client.call('listTokens', { signal })).value,
});

export const localSocketsQuery = queryOptions({
  queryKey: ['local-sockets'],
  queryFn: async ({ signal }) => (await client.call('listLocalSockets', { signal })).value,
});

/** The projects that the token may see, for a choice. */
export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: async ({ signal }) =>
    (await client.call('listProjects', { query: { limit: MAX_PAGE }, signal })).value,
});

/** The most that the server gives of a log. */
export const LOG_MOST_BYTES = 1_048_576;

/** The logs of an instance; the host is asked each time. */
export const logsQuery = (instanceId: string) =>
  queryOptions({
    queryKey: ['logs', instanceId],
    queryFn: async ({ signal }) =>
      (await client.call('listInstanceLogs', { params: { id: instanceId }, signal })).value,
  });

/** The end of one log. */
export const logQuery = (instanceId: string, name: string, bytes: number) =>
  queryOptions({
    queryKey: ['log', instanceId, name, bytes],
    queryFn: async ({ signal }) => {
      const params = { id: instanceId, name };
      const reply = await client.download('readInstanceLog', {
        params,
        query: { bytes: String(bytes) },
        signal,
      });
      return reply.text();
    },
  });

/** Whose SSH keys an instance has, and shall have. */
export const instanceKeysQuery = (instanceId: string) =>
  queryOptions({
    queryKey: ['instance-keys', instanceId],
    refetchInterval: 5_000,
    queryFn: async ({ signal }) =>
      (await client.call('getInstanceSshKeys', { params: { id: instanceId }, signal })).value,
  });

export const hostKeysQuery = (instanceId: string) =>
  queryOptions({
    queryKey: ['host-keys', instanceId],
    queryFn: async ({ signal }) =>
      (await client.call('listSshHostKeys', { params: { id: instanceId }, signal })).value,
  });

export const membersQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['members', projectId],
    queryFn: async ({ signal }) =>
      (await client.call('listMembers', { params: { id: projectId }, signal })).value,
  });
