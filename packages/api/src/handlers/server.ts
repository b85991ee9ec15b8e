import { LongshoreError, PERMISSIONS, routes, scopesPermit } from '@longshore/contract';
import type { Bearer } from '@longshore/identity';
import type { ApiOptions } from '../api-options.ts';
import type { FailedLogins } from '../failed-logins.ts';
import { handle, handleEmpty, handleEvents } from '../handler.ts';

/** The server itself, its events, and tokens. */
export function serverHandlers(
  { context, events, identity, version }: ApiOptions,
  failedLogins: FailedLogins,
) {
  return {
    getServer: handle(routes.getServer, async ({ bearer }) => {
      const installation = await context.installation();
      return {
        version,
        installationId: installation.id,
        token: {
          id: bearer.id,
          name: bearer.name,
          permissions: PERMISSIONS.filter((permission) => scopesPermit(bearer.scopes, permission)),
          expiresAt: bearer.expiresAt,
        },
        clientCertificate: { fingerprint: installation.fingerprint, pem: installation.certificatePem },
      };
    }),
    streamEvents: handleEvents(routes.streamEvents, async ({ query, lastEventId, signal }) =>
      events.subscribe({
        signal,
        ...(query.types === undefined ? {} : { types: query.types.split(',').map((type) => type.trim()) }),
        ...(query.hostId === undefined ? {} : { hostId: query.hostId }),
        ...(lastEventId === undefined ? {} : { after: lastEventId }),
      }),
    ),
    redeemSetup: handle(routes.redeemSetup, async ({ body, address }) => {
      failedLogins.check(address);
      try {
        return await identity.redeemSetup(body.code);
      } catch (error) {
        if (error instanceof LongshoreError && error.code === 'unauthenticated') failedLogins.failed(address);
        throw error;
      }
    }),
    listTokens: handle(routes.listTokens, async () => ({ items: [...(await identity.listTokens())] })),
    createToken: handle(routes.createToken, async ({ body, bearer }) => {
      mayGive(bearer, body.scopes, body.expiresAt);
      return identity.createToken(body, bearer.name);
    }),
    revokeToken: handleEmpty(routes.revokeToken, ({ params }) => identity.revokeToken(params.id)),
  };
}

/**
 * A token can do no more, and live no longer, than the one that made it.
 * @throws LongshoreError `permission-denied`
 */
function mayGive(bearer: Bearer, scopes: readonly string[], expiresAt: string | null): void {
  for (const scope of scopes) {
    if (bearer.scopes.includes('*') || bearer.scopes.includes(scope)) continue;
    const covered = PERMISSIONS.filter((permission) => scopesPermit([scope], permission));
    if (scope !== '*' && covered.length > 0 && covered.every((each) => scopesPermit(bearer.scopes, each)))
      continue;
    throw new LongshoreError(
      'permission-denied',
      `The token "${bearer.name}" cannot give the scope ${scope}.`,
      {
        hint: 'A token can give only what it has itself.',
      },
    );
  }
  if (bearer.expiresAt === null) return;
  if (expiresAt === null || Date.parse(expiresAt) > Date.parse(bearer.expiresAt)) {
    throw new LongshoreError(
      'permission-denied',
      `The token "${bearer.name}" expires at ${bearer.expiresAt}.`,
      {
        hint: 'Give the new token an earlier end (`expiresAt`).',
      },
    );
  }
}
