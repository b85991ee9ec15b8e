import { queryOptions } from '@tanstack/react-query';
import { openClient } from './client.ts';

/** The ways to log in that this server has. */
export const loginQuery = queryOptions({
  queryKey: ['login'],
  queryFn: async ({ signal }) => (await openClient.call('getLogin', { signal })).value,
});
