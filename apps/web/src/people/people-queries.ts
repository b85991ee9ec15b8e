import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

/** No event tells of people; who looks at a list of them sees a new one within this time. */
const LOOK_MS = 10_000;
const PAGE = 100;

export const peopleQuery = (filter: string) =>
  infiniteQueryOptions({
    queryKey: ['people', filter],
    initialPageParam: '',
    queryFn: async ({ signal, pageParam }) =>
      (
        await client.call('listPeople', {
          query: {
            limit: PAGE,
            ...(filter === '' ? {} : { filter }),
            ...(pageParam === '' ? {} : { cursor: pageParam }),
          },
          signal,
        })
      ).value,
    getNextPageParam: ({ next }) => next,
    refetchInterval: LOOK_MS,
  });

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ['people', 'one', id],
    queryFn: async ({ signal }) => (await client.call('getPerson', { params: { id }, signal })).value,
    refetchInterval: LOOK_MS,
  });

export const bindingsQuery = queryOptions({
  queryKey: ['bindings'],
  queryFn: async ({ signal }) => (await client.call('listBindings', { signal })).value,
  refetchInterval: 3 * LOOK_MS,
});

export const keysOfPersonQuery = (id: string) =>
  queryOptions({
    queryKey: ['people', 'keys', id],
    queryFn: async ({ signal }) =>
      (await client.call('listSshKeysOfPerson', { params: { id }, signal })).value,
    refetchInterval: LOOK_MS,
  });
