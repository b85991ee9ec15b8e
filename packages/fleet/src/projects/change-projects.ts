import { randomUUID } from 'node:crypto';
import { LongshoreError, type Project, type ProjectCreation, type ProjectPatch } from '@longshore/contract';
import { type Database, sql, type Transaction } from '@longshore/store';
import './projects-table.ts';
import { noProject, readProject } from './read-projects.ts';

type Trx = Transaction<Database>;

/** @throws LongshoreError `name-taken`, `bad-request` */
export async function createProject(
  trx: Trx,
  creation: ProjectCreation,
  createdBy: string,
): Promise<Project> {
  const { quota = {} } = creation;
  const id = randomUUID();
  refuseNameOfIdentifier(creation.name);
  const made = await trx
    .insertInto('projects')
    .values({
      id,
      name: creation.name,
      description: creation.description ?? '',
      max_instances: quota.instances ?? null,
      max_cpu: quota.cpu ?? null,
      max_memory_bytes: quota.memoryBytes ?? null,
      max_disk_bytes: quota.diskBytes ?? null,
      default_lifetime_days: creation.defaultLifetimeDays ?? null,
      max_lifetime_days: creation.maxLifetimeDays ?? null,
      created_by: createdBy,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n) throw nameTaken(creation.name);
  return readProject(trx, id);
}

/**
 * Changes a project; a quota below the present use is allowed, and lets nothing more in.
 *
 * @param input.revision the one that the person saw; null for any
 * @throws LongshoreError `not-found`, `precondition-failed`, `name-taken`, `bad-request`
 */
export async function updateProject(
  trx: Trx,
  input: Readonly<{ id: string; patch: ProjectPatch; revision: number | null }>,
): Promise<Project> {
  const { id, patch } = input;
  const row = await trx
    .selectFrom('projects')
    .select(['name', 'revision'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw noProject(id);
  if (input.revision !== null && input.revision !== row.revision) {
    throw new LongshoreError('precondition-failed', `The project ${row.name} was changed meanwhile.`, {
      hint: 'Read it again, and repeat the change on what it is now.',
    });
  }
  if (patch.name !== undefined && patch.name !== row.name) {
    refuseNameOfIdentifier(patch.name);
    const taken = await trx
      .selectFrom('projects')
      .select('id')
      .where('name', '=', patch.name)
      .executeTakeFirst();
    if (taken !== undefined) throw nameTaken(patch.name);
  }
  const { quota = {} } = patch;
  await trx
    .updateTable('projects')
    .set({
      revision: sql<number>`revision + 1`,
      ...(patch.name === undefined ? {} : { name: patch.name }),
      ...(patch.description === undefined ? {} : { description: patch.description }),
      ...(quota.instances === undefined ? {} : { max_instances: quota.instances }),
      ...(quota.cpu === undefined ? {} : { max_cpu: quota.cpu }),
      ...(quota.memoryBytes === undefined ? {} : { max_memory_bytes: quota.memoryBytes }),
      ...(quota.diskBytes === undefined ? {} : { max_disk_bytes: quota.diskBytes }),
      ...(patch.defaultLifetimeDays === undefined
        ? {}
        : { default_lifetime_days: patch.defaultLifetimeDays }),
      ...(patch.maxLifetimeDays === undefined ? {} : { max_lifetime_days: patch.maxLifetimeDays }),
    })
    .where('id', '=', id)
    .execute();
  return readProject(trx, id);
}

/** Deletes an empty project. @throws LongshoreError `not-found`, `conflict` (it has instances) */
export async function deleteProject(trx: Trx, id: string): Promise<void> {
  const row = await trx
    .selectFrom('projects')
    .select('name')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw noProject(id);
  const { n } = await trx
    .selectFrom('instances')
    .select(sql<number>`count(*)::integer`.as('n'))
    .where('project_id', '=', id)
    .executeTakeFirstOrThrow();
  if (n > 0) {
    throw new LongshoreError('conflict', `The project ${row.name} has ${n} instances.`, {
      hint: 'Delete them, or put them into another project.',
    });
  }
  await trx.deleteFrom('projects').where('id', '=', id).execute();
}

/** Projects are found by name or identifier: no name may look like the other. */
function refuseNameOfIdentifier(name: string): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) return;
  throw new LongshoreError('bad-request', 'A project cannot be named like an identifier.');
}

function nameTaken(name: string): LongshoreError {
  return new LongshoreError('name-taken', `There is a project ${name} already.`, {
    hint: 'Choose another name.',
  });
}
