import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

/** Who is connected changes without an event, so it is read again while it is shown. */
const REFRESH_MS = 4000;

export const instanceConsolesQuery = (id: string) =>
  queryOptions({
    queryKey: ['consoles', id],
    queryFn: async ({ signal }) =>
      (await client.call('listInstanceConsoles', { params: { id }, signal })).value.items,
    refetchInterval: REFRESH_MS,
  });

/** The newest of all; more than these nobody reads through. */
export const consolesQuery = queryOptions({
  queryKey: ['consoles'],
  queryFn: async ({ signal }) =>
    (await client.call('listConsoles', { query: { limit: 500 }, signal })).value.items,
  refetchInterval: REFRESH_MS,
});
