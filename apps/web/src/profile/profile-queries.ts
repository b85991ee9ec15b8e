import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

const LOOK_MS = 15_000;

export const sessionsQuery = queryOptions({
  queryKey: ['my-sessions'],
  queryFn: async ({ signal }) => (await client.call('listSessions', { signal })).value,
  refetchInterval: LOOK_MS,
});

export const passkeysQuery = queryOptions({
  queryKey: ['my-passkeys'],
  queryFn: async ({ signal }) => (await client.call('listPasskeys', { signal })).value,
});

export const secondFactorQuery = queryOptions({
  queryKey: ['my-second-factor'],
  queryFn: async ({ signal }) => (await client.call('getSecondFactor', { signal })).value,
});

export const identitiesQuery = queryOptions({
  queryKey: ['my-identities'],
  queryFn: async ({ signal }) => (await client.call('listIdentities', { signal })).value,
});

/** How many instances have the keys changes by itself. */
export const myKeysQuery = queryOptions({
  queryKey: ['my-keys'],
  queryFn: async ({ signal }) => (await client.call('listMySshKeys', { signal })).value,
  refetchInterval: 5_000,
});

export const myTokensQuery = queryOptions({
  queryKey: ['my-tokens'],
  queryFn: async ({ signal }) => (await client.call('listMyTokens', { signal })).value,
});
