import { type Instance, type InstancePatch, LongshoreError } from '@longshore/contract';
import { sql } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import type { Requester } from '../operations/accept.ts';
import { readInstance } from './get-instance.ts';
import './instances-table.ts';
import { reserveName } from './reserve-name.ts';

/**
 * Changes what Longshore itself knows of an instance: labels, protection, and whether it is ours. Nothing is asked of
 * its host.
 *
 * @param input.revision the one that the person saw; it must still hold
 * @throws LongshoreError `not-found`, `precondition-failed`, `name-taken` (claiming a name that the fleet has)
 */
export function updateInstance(
  context: FleetContext,
  input: { readonly id: string; readonly revision: number; readonly patch: InstancePatch },
  requester: Requester,
): Promise<Instance> {
  const { id, revision, patch } = input;
  return context.store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('instances')
      .select(['name', 'lxd_project', 'host_id', 'claimed', 'revision'])
      .where('id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
    if (row.revision !== revision) {
      throw new LongshoreError('precondition-failed', `The instance ${row.name} was changed meanwhile.`, {
        hint: 'Read it again, and repeat the change on what it is now.',
      });
    }
    const claiming = patch.claimed === true && !row.claimed;
    if (claiming) {
      await reserveName(trx, {
        name: row.name,
        lxdProject: row.lxd_project,
        hostId: row.host_id,
        instanceId: id,
      });
    }
    await trx
      .updateTable('instances')
      .set({
        revision: sql<number>`revision + 1`,
        ...(patch.labels === undefined ? {} : { labels: JSON.stringify(patch.labels) }),
        ...(patch.protected === undefined ? {} : { protected: patch.protected }),
        ...(claiming ? { claimed: true, created_by: requester.name } : {}),
      })
      .where('id', '=', id)
      .execute();
    return readInstance(trx, id);
  });
}
