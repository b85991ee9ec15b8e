import { z } from 'zod';
import {
  IdentityProvider,
  IdentityProviderCreation,
  IdentityProviderPatch,
  IdentityProviderTest,
} from '../resources/identity-provider.ts';
import { defineRoute } from '../route.ts';
import { ById, Empty, None } from './schemas.ts';

const forAll = 'Needs all permissions: whoever speaks for a provider can let anyone in.';

/** Where people can log in beside here. */
export const identityProviderRoutes = {
  listIdentityProviders: defineRoute({
    id: 'listIdentityProviders',
    method: 'GET',
    path: '/v1/identity-providers',
    tag: 'identity providers',
    permission: 'providers:read',
    summary: 'List identity providers',
    params: None,
    query: None,
    body: Empty,
    status: 200,
    reply: z.object({ items: z.array(IdentityProvider) }),
  }),
  createIdentityProvider: defineRoute({
    id: 'createIdentityProvider',
    method: 'POST',
    path: '/v1/identity-providers',
    tag: 'identity providers',
    permission: 'providers:write',
    summary: 'Add an identity provider',
    description: forAll,
    params: None,
    query: None,
    body: IdentityProviderCreation,
    status: 201,
    reply: IdentityProvider,
  }),
  updateIdentityProvider: defineRoute({
    id: 'updateIdentityProvider',
    method: 'PATCH',
    path: '/v1/identity-providers/{id}',
    tag: 'identity providers',
    permission: 'providers:write',
    summary: 'Change an identity provider',
    description: forAll,
    params: ById,
    query: None,
    body: IdentityProviderPatch,
    status: 200,
    reply: IdentityProvider,
  }),
  testIdentityProvider: defineRoute({
    id: 'testIdentityProvider',
    method: 'POST',
    path: '/v1/identity-providers/{id}/test',
    tag: 'identity providers',
    permission: 'providers:write',
    summary: 'Ask an identity provider whether it can be used as it is set up here',
    params: ById,
    query: None,
    body: z.strictObject({}),
    status: 200,
    reply: IdentityProviderTest,
  }),
  deleteIdentityProvider: defineRoute({
    id: 'deleteIdentityProvider',
    method: 'DELETE',
    path: '/v1/identity-providers/{id}',
    tag: 'identity providers',
    permission: 'providers:write',
    summary: 'Remove an identity provider, and the sessions that came by it; the people stay',
    description: forAll,
    params: ById,
    query: None,
    body: Empty,
    status: 204,
    reply: Empty,
  }),
} as const;
