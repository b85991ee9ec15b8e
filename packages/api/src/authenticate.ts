import { LongshoreError, type Permission } from '@longshore/contract';
import { type Access, accessOf, type Principal } from '@longshore/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiOptions } from './api-options.ts';
import { browserOf } from './browser.ts';
import type { FailedLogins } from './failed-logins.ts';

/** What a route needs of who asks: a permission, to be somebody (`self`), or nothing (`public`). Every route says one. */
export type Need = Permission | 'self' | 'public';

/** What a principal may do on the whole fleet. */
export type Permits = (permission: Permission) => boolean;

declare module 'fastify' {
  interface FastifyContextConfig {
    need?: Need;
    /** The handler checks the permission on what the request is about. */
    partial?: boolean;
    /** Open to people who wait for approval as well. */
    pendingToo?: boolean;
  }
  interface FastifyRequest {
    /** Null until it was checked who asks, and on public routes. */
    principal: Principal | null;
    access: Access | null;
  }
}

/** Methods that change nothing (RFC 9110, 9.2.1): a foreign page may cause them, and learns nothing from it. */
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * The one place where it is decided who may ask what. A route that states no need is refused, so that a forgotten
 * check shuts a door instead of opening one.
 *
 * @throws LongshoreError `unauthenticated`, `permission-denied`, `approval-pending`, `cross-site-request`,
 * `too-many-requests`
 */
export async function authorise(
  options: ApiOptions,
  failedLogins: FailedLogins,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { need, partial, pendingToo } = request.routeOptions.config;
  // What is not there needs no permission to be told so.
  if (need === 'public' || request.is404) return;
  const principal = await principalOf(options, failedLogins, request, reply);
  request.principal = principal;
  if (principal.status === 'pending' && pendingToo !== true) {
    throw new LongshoreError('approval-pending', `The account "${principal.name}" waits for approval.`, {
      hint: 'An administrator has to approve it once.',
    });
  }
  const access = await accessOf(options.context.store, principal);
  request.access = access;
  if (need === undefined) throw denied(principal, 'this route');
  if (need === 'self') return;
  // On a part of the fleet is enough where the handler looks at what the request is about.
  requirePermission(principal, partial === true ? access.permitsSomewhere : access.permits, need);
}

/** @throws LongshoreError `permission-denied` */
export function requirePermission(principal: Principal, permits: Permits, permission: Permission): void {
  if (!permits(permission)) throw denied(principal, permission);
}

/** @returns the refusal of what somebody is not permitted */
export function denied(principal: Principal, what: string): LongshoreError {
  return principal.tokenId === null
    ? new LongshoreError('permission-denied', `You ("${principal.name}") are not permitted ${what}.`, {
        hint: 'Ask an administrator for a role that permits it.',
      })
    : new LongshoreError('permission-denied', `The token of "${principal.name}" does not permit ${what}.`, {
        hint: 'Use a token with that permission, or have one made by an administrator.',
      });
}

async function principalOf(
  options: ApiOptions,
  failedLogins: FailedLogins,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal> {
  if (request.headers.authorization !== undefined) {
    return principalOfToken(options, failedLogins, request, reply);
  }
  const browser = browserOf(options, request, reply);
  const principal =
    browser.sessionSecret === null ? null : await options.identity.authenticateSession(browser.sessionSecret);
  if (principal === null) {
    void reply.header('www-authenticate', 'Bearer');
    throw new LongshoreError(
      'unauthenticated',
      'The request has no bearer token, and no session that is in force.',
      {
        hint: 'Log in, or send a valid token as "Authorization: Bearer lsh_…".',
      },
    );
  }
  if (!SAFE_METHODS.includes(request.method)) browser.requireSameSite();
  return principal;
}

async function principalOfToken(
  { identity }: ApiOptions,
  failedLogins: FailedLogins,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal> {
  const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const principal = secret === undefined ? null : await identity.authenticate(secret, request.ip);
  if (principal !== null) return principal;
  // A valid token passes whatever others behind the same address do; only failures are held back.
  const seconds = failedLogins.blockedForSeconds(request.ip);
  if (seconds > 0) void reply.header('retry-after', String(seconds));
  failedLogins.check(request.ip);
  failedLogins.failed(request.ip);
  void reply.header('www-authenticate', 'Bearer');
  throw new LongshoreError('unauthenticated', 'The token is unknown, expired or revoked.', {
    hint: 'Send a valid token as "Authorization: Bearer lsh_…".',
  });
}
