import { FleetEvent, LongshoreError, PERMISSIONS, routes } from '@longshore/contract';
import type { ApiOptions } from '../api-options.ts';
import type { FailedLogins } from '../failed-logins.ts';
import { handle, handleEvents } from '../handler.ts';
import { visibleEvents } from '../visible-events.ts';

/** Use comes every two seconds for each instance that somebody looks at: only to who asks for it. */
const USUAL_EVENTS = FleetEvent.shape.type.options.filter((type) => type !== 'instance.use');

/** The server itself, and its events. */
export function serverHandlers(
  { context, events, identity, version }: ApiOptions,
  failedLogins: FailedLogins,
) {
  return {
    getServer: handle(routes.getServer, async ({ principal, permits }) => {
      const installation = await context.installation();
      return {
        version,
        installationId: installation.id,
        token: {
          id: principal.tokenId ?? principal.id,
          name: principal.name,
          permissions: PERMISSIONS.filter(permits),
          expiresAt: principal.expiresAt,
        },
        clientCertificate: { fingerprint: installation.fingerprint, pem: installation.certificatePem },
      };
    }),
    streamEvents: handleEvents(routes.streamEvents, async ({ query, lastEventId, signal, access }) =>
      visibleEvents(
        events.subscribe({
          signal,
          types: query.types?.split(',').map((type) => type.trim()) ?? USUAL_EVENTS,
          ...(query.hostId === undefined ? {} : { hostId: query.hostId }),
          ...(lastEventId === undefined ? {} : { after: lastEventId }),
        }),
        access,
      ),
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
  };
}
