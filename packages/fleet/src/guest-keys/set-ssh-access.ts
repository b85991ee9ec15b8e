import { type InstanceSshKeys, LongshoreError } from '@longshore/contract';
import type { FleetContext } from '../fleet-context.ts';
import '../instances/instances-table.ts';
import type { Requester } from '../operations/accept.ts';
import '../projects/projects-table.ts';
import { readGuestKeys, readProjectAccess } from './read-guest-keys.ts';

type Access = Readonly<{ id: string; users: readonly string[] | null }>;

/**
 * Says which accounts of an instance have the keys. The guest follows by itself; from other accounts they are taken away.
 *
 * @throws LongshoreError `not-found`, `conflict` (nobody has claimed it)
 */
export async function setInstanceAccess(
  context: FleetContext,
  { id, users }: Access,
  requester: Requester,
): Promise<InstanceSshKeys> {
  await context.store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('instances')
      .select(['name', 'claimed'])
      .where('id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
    if (!row.claimed) {
      throw new LongshoreError('conflict', `Nobody has claimed the instance ${row.name}.`, {
        hint: 'Claim it first; Longshore changes only what is its own.',
      });
    }
    await trx
      .updateTable('instances')
      .set({ login_users: users === null ? null : [...users] })
      .where('id', '=', id)
      .execute();
    await requester.witness?.(trx, { target: { kind: 'instance', id, name: row.name }, operationId: null });
  });
  return readGuestKeys(context, id);
}

/** The same for all instances of a project that say nothing else. @throws LongshoreError `not-found` */
export function setProjectAccess(
  context: FleetContext,
  { id, users }: Access,
  requester: Requester,
): Promise<{ users: string[] | null }> {
  return context.store.transaction(async (trx) => {
    const row = await trx
      .updateTable('projects')
      .set({ login_users: users === null ? null : [...users] })
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst();
    if (row === undefined) throw new LongshoreError('not-found', `There is no project ${id}.`);
    await requester.witness?.(trx, { target: { kind: 'fleet', id, name: row.name }, operationId: null });
    return readProjectAccess(trx, id);
  });
}
