import { MAX_PAGE } from '@longshore/contract';
import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

/** What projects use changes with every instance, and only their settings make an event. */
const LOOK_MS = 10_000;

export const projectListQuery = (filter: string, sort: string) =>
  queryOptions({
    queryKey: ['projects', filter, sort],
    queryFn: async ({ signal }) =>
      (
        await client.call('listProjects', {
          query: { limit: MAX_PAGE, sort, ...(filter === '' ? {} : { filter }) },
          signal,
        })
      ).value,
    refetchInterval: LOOK_MS,
  });

/** With its ETag. */
export const projectQuery = (id: string) =>
  queryOptions({
    queryKey: ['projects', 'one', id],
    queryFn: ({ signal }) => client.call('getProject', { params: { id }, signal }),
    refetchInterval: LOOK_MS,
  });

export const membersQuery = (id: string) =>
  queryOptions({
    queryKey: ['members', id],
    queryFn: async ({ signal }) => (await client.call('listMembers', { params: { id }, signal })).value,
    refetchInterval: LOOK_MS,
  });

export const projectTokensQuery = (id: string) =>
  queryOptions({
    queryKey: ['project-tokens', id],
    queryFn: async ({ signal }) => (await client.call('listProjectTokens', { params: { id }, signal })).value,
  });

export const projectAccessQuery = (id: string) =>
  queryOptions({
    queryKey: ['project-ssh-access', id],
    queryFn: async ({ signal }) =>
      (await client.call('getProjectSshAccess', { params: { id }, signal })).value,
  });
