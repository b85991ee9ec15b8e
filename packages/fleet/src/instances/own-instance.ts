import { LongshoreError } from '@longshore/contract';
import { type Instance, isLxdError, type LxdClient, type Tagged } from '@longshore/lxd';
import type { FleetContext } from '../fleet-context.ts';
import { MARK } from '../sync/instance-observation.ts';
import './instances-table.ts';

/** Where an instance is, as its row says now. */
export type OwnInstance = Readonly<{
  id: string;
  name: string;
  lxdProject: string;
  hostId: string;
  status: string;
  protected: boolean;
  /** The host's own identifier of it, once it was seen there. */
  hostUuid: string | null;
  /** When it was last seen there; null for what is still to be made. */
  observedAt: Date | null;
}>;

/** The row of an instance, read anew by each run of a handler; undefined when it was forgotten. */
export async function ownInstance(
  context: FleetContext,
  id: string | null,
): Promise<OwnInstance | undefined> {
  if (id === null) return undefined;
  return context.store.db
    .selectFrom('instances')
    .select([
      'id',
      'name',
      'lxd_project as lxdProject',
      'host_id as hostId',
      'status',
      'protected',
      'host_uuid as hostUuid',
      'observed_at as observedAt',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Like {@link ownInstance}. @throws LongshoreError `not-found` when it was forgotten */
export async function ownInstanceOrFail(context: FleetContext, target: { id: string | null; name: string }) {
  const row = await ownInstance(context, target.id);
  if (row === undefined) {
    throw new LongshoreError('not-found', `The instance ${target.name} is not in the inventory any more.`);
  }
  return row;
}

/** Whether what stands on the host under the instance's name is that instance: by the host's identifier, or our mark. */
export function isOwn(row: OwnInstance, seen: Instance): boolean {
  const uuid = seen.config['volatile.uuid']?.toLowerCase();
  if (row.hostUuid !== null && uuid !== undefined) return uuid === row.hostUuid;
  const mark = seen.config[MARK];
  // An adopted instance of a host that gives no identifiers has its name alone.
  return mark === undefined ? row.observedAt !== null && uuid === undefined : mark.toLowerCase() === row.id;
}

/**
 * The instance on its host, or undefined where nothing has its name.
 *
 * @throws LongshoreError `conflict` when another one has its name: made anew behind our back, and none of ours
 */
export async function readOwn(
  client: LxdClient,
  row: OwnInstance,
  signal: AbortSignal,
): Promise<Tagged<Instance> | undefined> {
  const seen = await lookAt(client, row.lxdProject, row.name, signal);
  if (seen !== undefined && !isOwn(row, seen.value)) {
    throw new LongshoreError(
      'conflict',
      `The instance ${row.name} on the host is not the one that Longshore knows: it was made anew there.`,
      { hint: 'Nothing was changed. Delete the missing one here, and claim the new one.' },
    );
  }
  return seen;
}

/** Like {@link readOwn}. @throws LongshoreError `conflict` also when nothing has its name */
export async function readOwnOrFail(
  client: LxdClient,
  row: OwnInstance,
  signal: AbortSignal,
): Promise<Tagged<Instance>> {
  const seen = await readOwn(client, row, signal);
  if (seen !== undefined) return seen;
  throw new LongshoreError(
    'conflict',
    `The instance ${row.name} is missing: its host does not have it any more.`,
    {
      hint: 'Find out what happened on the host; delete the instance here to forget it.',
    },
  );
}

/** What stands on a host under a name. */
export async function lookAt(
  client: LxdClient,
  lxdProject: string,
  name: string,
  signal: AbortSignal,
): Promise<Tagged<Instance> | undefined> {
  try {
    return await client.instances.get(name, { project: lxdProject, signal });
  } catch (error) {
    if (isLxdError(error, 'not-found')) return undefined;
    throw error;
  }
}
