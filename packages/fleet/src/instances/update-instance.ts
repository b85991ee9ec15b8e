import { type Instance, type InstancePatch, LongshoreError } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import type { Requester } from '../operations/accept.ts';
import { endOfLife } from '../projects/lifetimes.ts';
import { enforceQuota, type LockedProject, lockProject } from '../projects/quotas.ts';
import { readInstance } from './get-instance.ts';
import './instances-table.ts';
import { reserveName } from './reserve-name.ts';

/**
 * Changes what Longshore itself knows of an instance: labels, protection, project, end, and whether it is
 * ours. Nothing is asked of
 * its host.
 *
 * @param input.revision the one that the person saw; it must still hold
 * @throws LongshoreError `not-found`, `precondition-failed`, `name-taken` (claiming a name that the fleet has), `conflict`
 * (a project for what nobody has claimed), `quota-exceeded`, `limit-required`, `lifetime-exceeded`
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
      .select(['name', 'lxd_project', 'host_id', 'claimed', 'revision', 'project_id', 'expires_at'])
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
    const into = await projectAfter(trx, row, patch);
    if (into.project !== null && !claiming && !row.claimed) {
      throw new LongshoreError('conflict', `Nobody has claimed the instance ${row.name}.`, {
        hint: 'Claim it in the same change; a project has only what is ours.',
      });
    }
    const expiresAt = endAfter(patch, row.expires_at, into, context.clock());
    await trx
      .updateTable('instances')
      .set({
        revision: sql<number>`revision + 1`,
        ...(patch.labels === undefined ? {} : { labels: JSON.stringify(patch.labels) }),
        ...(patch.protected === undefined ? {} : { protected: patch.protected }),
        ...(into.changed ? { project_id: into.project?.id ?? null } : {}),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt, expiry_warned: null }),
        ...(claiming ? { claimed: true, created_by: requester.name } : {}),
      })
      .where('id', '=', id)
      .execute();
    if (into.changed && into.project !== null) await enforceQuota(trx, into.project.id, id, null);
    await requester.witness?.(trx, { target: { kind: 'instance', id, name: row.name }, operationId: null });
    return readInstance(trx, id);
  });
}

type ProjectAfter = Readonly<{ project: LockedProject | null; changed: boolean }>;

/** The project that an instance belongs to after a change, locked where the change looks at it. */
async function projectAfter(
  trx: Transaction<Database>,
  row: { readonly project_id: string | null },
  patch: InstancePatch,
): Promise<ProjectAfter> {
  if (patch.project === null) return { project: null, changed: row.project_id !== null };
  if (patch.project !== undefined) {
    const project = await lockProject(trx, patch.project);
    return { project, changed: project.id !== row.project_id };
  }
  const asksProject = patch.expiresAt !== undefined && row.project_id !== null;
  return { project: asksProject ? await lockProject(trx, row.project_id) : null, changed: false };
}

/** When the instance ends after a change; undefined: as before. */
function endAfter(
  patch: InstancePatch,
  present: Date | null,
  into: ProjectAfter,
  now: Date,
): Date | null | undefined {
  if (patch.expiresAt !== undefined) return endOfLife(patch.expiresAt, into.project, now);
  if (!into.changed || into.project === null) return undefined;
  const ahead = present !== null && present > now;
  return endOfLife(ahead ? present.toISOString() : undefined, into.project, now);
}
