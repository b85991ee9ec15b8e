import { LongshoreError, type Permission } from '@longshore/contract';
import {
  type FleetContext,
  findProjectId,
  isExportWithin,
  isInstanceWithin,
  isOperationWithin,
  noProject,
  type Reach,
} from '@longshore/fleet';
import type { Access, Principal } from '@longshore/identity';
import { denied } from './authenticate.ts';

/** Who asks, as a check on one object needs it. */
export type Asking = Readonly<{ access: Access; principal: Principal }>;

type Within = (context: FleetContext, id: string, reach: Reach) => Promise<boolean>;

/**
 * Wants a permission on the instance that a request is about: by its project, its host or its labels. What the asker may
 * not see is not there.
 *
 * @throws LongshoreError `not-found`, `permission-denied`
 */
export function requireOnInstance(
  context: FleetContext,
  asking: Asking,
  id: string,
  permission: Permission,
): Promise<void> {
  return requireWithin(
    context,
    asking,
    { id, permission, see: 'instances:read', kind: 'instance' },
    isInstanceWithin,
  );
}

/** Like {@link requireOnInstance}, of an operation. @throws LongshoreError `not-found`, `permission-denied` */
export function requireOnOperation(
  context: FleetContext,
  asking: Asking,
  id: string,
  permission: Permission,
): Promise<void> {
  return requireWithin(
    context,
    asking,
    { id, permission, see: 'operations:read', kind: 'operation' },
    isOperationWithin,
  );
}

/** Like {@link requireOnInstance}, of an export. @throws LongshoreError `not-found`, `permission-denied` */
export function requireOnExport(
  context: FleetContext,
  asking: Asking,
  id: string,
  permission: Permission,
): Promise<void> {
  return requireWithin(
    context,
    asking,
    { id, permission, see: 'instances:read', kind: 'export' },
    isExportWithin,
  );
}

/**
 * Wants a permission on a project, and tells its identifier.
 *
 * @param reference its name or identifier
 * @throws LongshoreError `not-found`, `permission-denied`
 */
export async function requireOnProject(
  context: FleetContext,
  { access, principal }: Asking,
  reference: string,
  permission: Permission,
): Promise<string> {
  const id = await findProjectId(context.store.db, reference);
  if (id !== null && access.permitsOn(permission, id)) return id;
  if (id !== null && access.permitsOn('projects:read', id)) throw denied(principal, permission);
  throw noProject(reference);
}

/**
 * Wants a permission for what is to be made in a project, or for what belongs to none.
 *
 * @throws LongshoreError `not-found`, `permission-denied`
 */
export async function requireIn(
  context: FleetContext,
  asking: Asking,
  project: string | null | undefined,
  permission: Permission,
): Promise<void> {
  if (project !== null && project !== undefined) {
    await requireOnProject(context, asking, project, permission);
    return;
  }
  if (asking.access.permits(permission)) return;
  throw new LongshoreError('permission-denied', `Outside of projects you are not permitted ${permission}.`, {
    hint: 'Name one of your projects (`project`); `GET /v1/me/access` lists them.',
  });
}

type Wanted = Readonly<{ id: string; permission: Permission; see: Permission; kind: string }>;

async function requireWithin(
  context: FleetContext,
  { access, principal }: Asking,
  { id, permission, see, kind }: Wanted,
  within: Within,
): Promise<void> {
  const reach = access.reach(permission);
  // What is not there is told by whoever looks for it next.
  if (reach === 'all' || (await within(context, id, reach))) return;
  if (permission !== see && (await within(context, id, access.reach(see))))
    throw denied(principal, permission);
  throw new LongshoreError('not-found', `There is no ${kind} ${id}.`);
}
