import { LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler } from '../operations/handler.ts';
import { checkServer } from './check-server.ts';
import { findHost } from './find-host.ts';
import { findServer } from './find-server.ts';
import { announceHost } from './host-changes.ts';
import { endpointOf, openClient } from './host-connections.ts';

const RePinInput = z.object({ fingerprint: z.string() });

/**
 * Accepts the new certificate of a host, which the person has compared with the host itself.
 * @throws LongshoreError `not-found`, `conflict` (a host on a local socket has no certificate)
 */
export function rePinHost(
  context: FleetContext,
  input: { readonly id: string; readonly fingerprint: string },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const host = await findHost(trx, input.id);
    if (host.url.startsWith('unix:')) {
      throw new LongshoreError(
        'conflict',
        `Host ${host.name} is reached by a local socket and has no certificate to pin.`,
      );
    }
    return {
      operation: await accept(context, trx, {
        action: 'host.re-pin',
        target: { kind: 'host', id: host.id, name: host.name },
        hostId: host.id,
        input: { fingerprint: input.fingerprint },
        requester,
      }),
    };
  });
}

/** Pins the certificate when it is the one that the host shows now, and the host behind it trusts us. */
export const rePinHostHandler = defineHandler<z.infer<typeof RePinInput>>({
  action: 'host.re-pin',
  input: RePinInput,
  async run(op) {
    const { context, input, signal } = op;
    const { store } = context;
    const host = await findHost(store.db, op.hostId ?? '');
    await op.step('Look at the certificate', () => findServer([host.url], input.fingerprint, signal));
    const installation = await context.installation();
    const client = openClient(endpointOf({ ...host, fingerprint: input.fingerprint }, installation));
    try {
      await op.step('Ask whether it trusts Longshore', async () =>
        checkServer(await client.server.get({ signal }), host.name),
      );
    } finally {
      await client.close();
    }
    await op.step('Pin it', () =>
      op.transaction(async (trx) => {
        await sql`
          UPDATE hosts SET fingerprint = ${input.fingerprint}, revision = revision + 1, status = 'connecting',
            status_reason = NULL, seen_fingerprint = NULL, status_since = now()
          WHERE id = ${host.id}`.execute(trx);
        await announceHost(store, host.id, trx);
      }),
    );
    return { hostId: host.id };
  },
});
