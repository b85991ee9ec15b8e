import { LongshoreError, type Permission, scopesPermit } from '@longshore/contract';
import type { Bearer, Identity } from '@longshore/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FailedLogins } from './failed-logins.ts';

/** What a route needs of who asks: a permission, or nothing (`public`). Every route says one of them. */
export type Need = Permission | 'public';

/** Bearer of a public route. */
export const NOBODY: Bearer = { id: '', name: '', scopes: [], expiresAt: null };

declare module 'fastify' {
  interface FastifyContextConfig {
    need?: Need;
  }
  interface FastifyRequest {
    /** Null until the token was checked, and on public routes. */
    bearer: Bearer | null;
  }
}

/**
 * The one place where it is decided who may ask what. A route that states no need is refused, so that a forgotten
 * check shuts a door instead of opening one.
 *
 * @throws LongshoreError `unauthenticated`, `permission-denied`, `too-many-requests`
 */
export async function authorise(
  identity: Identity,
  failedLogins: FailedLogins,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { need } = request.routeOptions.config;
  // What is not there needs no permission to be told so.
  if (need === 'public' || request.is404) return;
  const bearer = await bearerOf(identity, failedLogins, request, reply);
  request.bearer = bearer;
  if (need === undefined) throw denied(bearer, 'this route');
  requirePermission(bearer, need);
}

/** @throws LongshoreError `permission-denied` */
export function requirePermission(bearer: Bearer, permission: Permission): void {
  if (!scopesPermit(bearer.scopes, permission)) throw denied(bearer, permission);
}

function denied(bearer: Bearer, what: string): LongshoreError {
  return new LongshoreError('permission-denied', `The token "${bearer.name}" does not permit ${what}.`, {
    hint: 'Use a token with that permission, or have one made by an administrator.',
  });
}

async function bearerOf(
  identity: Identity,
  failedLogins: FailedLogins,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Bearer> {
  const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const bearer = secret === undefined ? null : await identity.authenticate(secret);
  if (bearer !== null) return bearer;
  // A valid token passes whatever others behind the same address do; only failures are held back.
  if (request.headers.authorization !== undefined) {
    const seconds = failedLogins.blockedForSeconds(request.ip);
    if (seconds > 0) void reply.header('retry-after', String(seconds));
    failedLogins.check(request.ip);
    failedLogins.failed(request.ip);
  }
  void reply.header('www-authenticate', 'Bearer');
  throw new LongshoreError(
    'unauthenticated',
    secret === undefined ? 'The request has no bearer token.' : 'The token is unknown, expired or revoked.',
    { hint: 'Send a valid token as "Authorization: Bearer lsh_…".' },
  );
}
