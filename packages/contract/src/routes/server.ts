import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';
import { PERMISSIONS } from '../permissions.ts';
import { FleetEvent } from '../resources/event.ts';
import { NewToken, SetupRedemption, Token, TokenCreation } from '../resources/token.ts';
import { defineRoute } from '../route.ts';
import { ById, Empty, None } from './schemas.ts';

/** What runs here, and what the asker may do. */
export const ServerInfo = z
  .object({
    version: z.string(),
    installationId: Id,
    token: z.object({
      id: Id,
      name: z.string(),
      permissions: z.array(z.enum(PERMISSIONS)),
      expiresAt: Timestamp.nullable(),
    }),
    clientCertificate: z
      .object({ fingerprint: z.string(), pem: z.string() })
      .describe('What hosts have to trust.'),
  })
  .meta({ id: 'ServerInfo' });
export type ServerInfo = z.infer<typeof ServerInfo>;

export const serverRoutes = {
  getServer: defineRoute({
    id: 'getServer',
    method: 'GET',
    path: '/v1/server',
    tag: 'server',
    permission: 'server:read',
    summary: 'Show the server and what the token permits',
    params: None,
    query: None,
    body: Empty,
    status: 200,
    reply: ServerInfo,
  }),
  streamEvents: defineRoute({
    id: 'streamEvents',
    method: 'GET',
    path: '/v1/events',
    tag: 'events',
    permission: 'events:read',
    partial: true,
    summary: 'Follow changes as server-sent events',
    description:
      'Resumes after `Last-Event-ID`; `instance.use` comes only where `types` names it. The reply carries the present position in a header of the same name. `stream.reset` says that events were lost: read the lists again.',
    params: None,
    query: z.object({ types: z.string().max(512).optional(), hostId: Id.optional() }).strict(),
    body: Empty,
    status: 200,
    reply: FleetEvent,
    stream: 'events',
  }),
  redeemSetup: defineRoute({
    id: 'redeemSetup',
    method: 'POST',
    path: '/v1/setup',
    tag: 'tokens',
    permission: null,
    summary: "Exchange the one-time code of the first start's set-up link for an administrator's token",
    params: None,
    query: None,
    body: SetupRedemption,
    status: 201,
    reply: NewToken,
  }),
  listTokens: defineRoute({
    id: 'listTokens',
    method: 'GET',
    path: '/v1/tokens',
    tag: 'tokens',
    permission: 'tokens:read',
    summary: 'List the tokens of robots',
    params: None,
    query: None,
    body: Empty,
    status: 200,
    reply: z.object({ items: z.array(Token) }),
  }),
  createToken: defineRoute({
    id: 'createToken',
    method: 'POST',
    path: '/v1/tokens',
    tag: 'tokens',
    permission: 'tokens:write',
    summary:
      "Create a robot's token: with scopes on the fleet, or with roles in projects; it can do no more than who asks",
    params: None,
    query: None,
    body: TokenCreation,
    status: 201,
    reply: NewToken,
  }),
  revokeToken: defineRoute({
    id: 'revokeToken',
    method: 'DELETE',
    path: '/v1/tokens/{id}',
    tag: 'tokens',
    permission: 'tokens:write',
    summary: 'Revoke a token',
    params: ById,
    query: None,
    body: Empty,
    status: 204,
    reply: Empty,
  }),
} as const;
