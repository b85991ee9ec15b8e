import { LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import { type Database, type Query, type Selectable, sql, type Transaction } from '@longshore/store';
import type { FleetContext } from '../fleet-context.ts';
import type { HostConnection } from '../hosts/host-connections.ts';
import '../instances/instances-table.ts';
import { settleHostWork } from '../instances/host-work.ts';
import { deleteOurs, findInstance, isHalfOf, isStopped } from './host-instance.ts';
import type { MoveLeftoversTable } from './leftovers-table.ts';

/** Half of a move (or of a copy) on a host where it must not stay. */
export type Leftover = Omit<Selectable<MoveLeftoversTable>, 'noted_at'>;

/** What became of one: `foreign`: what has the name is not ours; `kept`: somebody runs it, so it stays for now. */
export type Removal =
  | { readonly kind: 'removed' }
  | { readonly kind: 'foreign' | 'kept'; readonly why: string };

/** Remembers a leftover, in the transaction that makes it one. */
export async function noteLeftover(trx: Transaction<Database>, leftover: Leftover): Promise<void> {
  await trx
    .insertInto('move_leftovers')
    .values(leftover)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Forgets a leftover that is gone, or is none any more. */
export async function forgetLeftover(
  query: Query,
  leftover: Pick<Leftover, 'operation_id' | 'host_id'>,
): Promise<void> {
  await query
    .deleteFrom('move_leftovers')
    .where('operation_id', '=', leftover.operation_id)
    .where('host_id', '=', leftover.host_id)
    .execute();
}

/**
 * Takes a leftover away, when it is one: it bears the marks of the move, and nothing of it runs.
 *
 * @throws LxdError of the host
 */
export async function removeLeftover(
  { client, host }: HostConnection,
  leftover: Leftover,
  signal: AbortSignal,
): Promise<Removal> {
  const scope = { project: leftover.lxd_project, signal };
  const before = await findInstance(client, leftover.name, scope);
  if (before === undefined) return { kind: 'removed' };
  const mark = { instanceId: leftover.instance_id, operationId: leftover.operation_id, key: leftover.mark };
  if (!isHalfOf(before, mark)) {
    return {
      kind: 'foreign',
      why: `${leftover.name} on ${host.name} no longer bears the mark of this operation`,
    };
  }
  await settleHostWork(client, leftover.lxd_project, leftover.name, signal);
  const instance = await findInstance(client, leftover.name, scope);
  if (instance === undefined) return { kind: 'removed' };
  if (!isStopped(instance)) {
    return { kind: 'kept', why: `${leftover.name} on ${host.name} was started by somebody; stop it there` };
  }
  await deleteOurs(client, instance, scope);
  return { kind: 'removed' };
}

/** How long one host may take for one leftover in a sweep. */
const SWEEP_TIMEOUT_MS = 120_000;

/**
 * Takes away what ended operations had to leave behind on hosts that did not answer then. Called now and then by one
 * process or several; a host that is silent, or an instance that may not be touched yet, stays for the next time.
 */
export async function sweepLeftovers(context: FleetContext): Promise<void> {
  const due = await context.store.db
    .selectFrom('move_leftovers')
    .innerJoin('hosts', 'hosts.id', 'move_leftovers.host_id')
    .leftJoin('operations', 'operations.id', 'move_leftovers.operation_id')
    .leftJoin('instances', 'instances.id', 'move_leftovers.instance_id')
    .selectAll('move_leftovers')
    .where('hosts.status', '=', 'online')
    // When the instance is gone from where it belongs, the leftover may be all there is of it.
    .where(sql<boolean>`instances.status IS DISTINCT FROM 'missing'`)
    .where(sql<boolean>`instances.host_id IS DISTINCT FROM move_leftovers.host_id`)
    .where((where) =>
      where.or([where('operations.id', 'is', null), where('operations.ended_at', 'is not', null)]),
    )
    .execute();
  for (const leftover of due) {
    try {
      const connection = await context.connections.client(leftover.host_id);
      const removal = await removeLeftover(connection, leftover, AbortSignal.timeout(SWEEP_TIMEOUT_MS));
      if (removal.kind !== 'kept') await forgetLeftover(context.store.db, leftover);
      if (removal.kind !== 'removed') {
        context.log.warn({ ...leftover, why: removal.why }, 'the leftover of a move stays');
      }
    } catch (error) {
      if (!isLxdError(error) && !(error instanceof LongshoreError)) throw error;
      context.log.info({ ...leftover, cause: error.message }, 'the leftover of a move waits for its host');
    }
  }
}
