import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

export const providersQuery = queryOptions({
  queryKey: ['identity-providers'],
  queryFn: async ({ signal }) => (await client.call('listIdentityProviders', { signal })).value,
  refetchInterval: 30_000,
});
