import { LongshoreError } from '@longshore/contract';
import type { Database, Store, Transaction } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import { findHost } from './find-host.ts';
import { announceHost } from './host-changes.ts';
import type { HostRow } from './hosts-table.ts';
import { removeTrustEntry, trustEntryName } from './trust-entry.ts';

const RemoveInput = z.object({ force: z.boolean() });

/**
 * Accepts the removal of a host from the fleet. Its instances stay as they are, on the host.
 * @throws LongshoreError `not-found`, `busy` (operations on it are not finished)
 */
export function removeHost(
  context: FleetContext,
  input: { readonly id: string; readonly force: boolean },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const host = await findHost(trx, input.id);
    await refuseBusy(trx, host);
    const operation = await accept(context, trx, {
      action: 'host.remove',
      target: { kind: 'host', id: host.id, name: host.name },
      hostId: host.id,
      input: { force: input.force },
      requester,
    });
    return { operation };
  });
}

async function refuseBusy(trx: Transaction<Database>, host: HostRow): Promise<void> {
  const unfinished = await trx
    .selectFrom('operations')
    .leftJoin('instances', 'instances.operation_id', 'operations.id')
    .select(['operations.id', 'operations.action'])
    .where('operations.status', 'in', ['queued', 'running', 'cancelling'])
    .where((where) =>
      where.or([where('operations.host_id', '=', host.id), where('instances.host_id', '=', host.id)]),
    )
    .executeTakeFirst();
  if (unfinished === undefined) return;
  throw new LongshoreError(
    'busy',
    `Host ${host.name} has an unfinished operation: ${unfinished.action}, ${unfinished.id}.`,
    { hint: 'Wait for it to end, or cancel it.' },
  );
}

/** Takes our trust entry away, and only that; then forgets the host. With `force` a silent host is forgotten as it is. */
export const removeHostHandler = defineHandler<z.infer<typeof RemoveInput>>({
  action: 'host.remove',
  input: RemoveInput,
  async run(op) {
    const { context } = op;
    const { store } = context;
    const hostId = op.hostId ?? '';
    const host = await store.db.selectFrom('hosts').selectAll().where('id', '=', hostId).executeTakeFirst();
    if (host === undefined) return { hostId };
    await setRemoving(store, hostId, true); // no new instances meanwhile
    try {
      const left = await takeTrustAway(op, host);
      await op.step('Forget the host', () =>
        op.transaction(async (trx) => {
          await trx.deleteFrom('hosts').where('id', '=', hostId).execute();
          await announceHost(store, hostId, trx);
        }),
      );
      await context.connections.forget(hostId);
      return { hostId, ...(left === undefined ? {} : { trustEntryLeft: left }) };
    } catch (error) {
      await setRemoving(store, hostId, false);
      throw error;
    }
  },
});

async function setRemoving(store: Store, hostId: string, removing: boolean): Promise<void> {
  await store.db.updateTable('hosts').set({ removing }).where('id', '=', hostId).execute();
}

/** Returns the name of the entry where it had to stay. */
async function takeTrustAway(
  op: RunningOperation<z.infer<typeof RemoveInput>>,
  host: HostRow,
): Promise<string | undefined> {
  const { context, input } = op;
  const installation = await context.installation();
  if (host.trust_entry === null) return undefined; // not made by us: it stays
  try {
    await op.step('Take the trust entry away', async () => {
      const { client } = await context.connections.clientToTry(host.id);
      await removeTrustEntry(client, installation);
    });
    return undefined;
  } catch (error) {
    if (!input.force) {
      throw new LongshoreError(
        'host-unreachable',
        `Host ${host.name} was not removed: its trust entry cannot be taken away.`,
        {
          hint: 'Try again when it answers, or remove it with --force, which leaves the entry on the host.',
          cause: error,
        },
      );
    }
    op.note(`The host does not answer; the trust entry ${trustEntryName(installation)} stays on it.`);
    return trustEntryName(installation);
  }
}
