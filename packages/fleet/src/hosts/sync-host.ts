import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler } from '../operations/handler.ts';
import { refreshHost } from '../sync/refresh-host.ts';
import { findHost } from './find-host.ts';

/** Accepts a full read of a host. @throws LongshoreError `not-found` */
export function syncHost(
  context: FleetContext,
  input: { readonly id: string },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const host = await findHost(trx, input.id);
    const operation = await accept(context, trx, {
      action: 'host.sync',
      target: { kind: 'host', id: host.id, name: host.name },
      hostId: host.id,
      input: {},
      requester,
    });
    return { operation };
  });
}

/** Reads a host in full now. */
export const syncHostHandler = defineHandler<Record<string, never>>({
  action: 'host.sync',
  input: z.record(z.string(), z.never()),
  async run(op) {
    const { written, problems } = await op.step('Read everything', () =>
      refreshHost(op.context, op.hostId ?? '', op.signal),
    );
    return { ...written, problems: [...problems] };
  },
});
