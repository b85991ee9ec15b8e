import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { hostWork } from '../instances/host-work.ts';
import { instanceForChange } from '../instances/instance-for-change.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler, type RunningOperation, type RunOutcome } from '../operations/handler.ts';
import './exports-table.ts';
import { receiveFile } from './receive-file.ts';

const ExportInput = z.object({
  instanceId: z.uuid(),
  hostId: z.uuid(),
  lxdProject: z.string(),
  instanceOnly: z.boolean(),
});
type ExportInput = z.infer<typeof ExportInput>;

const ExportMemory = z.object({
  /** The host's operation that makes the backup. */
  hostOperation: z.string().optional(),
});

/** Folder of finished exports, below the data directory. */
export const EXPORTS_FOLDER = 'exports';
/** How long an export is kept. */
export const EXPORT_HOURS = 24;
/** How long a host keeps a backup that we could not take away. */
const BACKUP_HOURS = 24;

/**
 * Accepts an export into a file that Longshore keeps for a day.
 *
 * @throws LongshoreError `not-found`, `busy`, `conflict` (not on its host now)
 */
export function exportInstance(
  context: FleetContext,
  request: { readonly id: string; readonly instanceOnly: boolean },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, request.id, 'read');
    if (instance.status === 'pending') {
      throw new LongshoreError('conflict', `${instance.name} cannot be exported: it is not made yet.`);
    }
    const input: ExportInput = {
      instanceId: instance.id,
      hostId: instance.hostId,
      lxdProject: instance.lxdProject,
      instanceOnly: request.instanceOnly,
    };
    const operation = await accept(context, trx, {
      action: 'instance.export',
      target: { kind: 'instance', id: instance.id, name: instance.name },
      hostId: instance.hostId,
      input,
      requester,
      instanceId: instance.id,
    });
    return { operation, instanceId: instance.id };
  });
}

/** Lets the host make a backup, fetches it, and takes it away from the host again. */
export const exportInstanceHandler = defineHandler({
  action: 'instance.export',
  input: ExportInput,
  run: runExport,
});

async function runExport(op: RunningOperation<ExportInput>): Promise<RunOutcome> {
  const { client } = await op.host(op.input.hostId);
  const path = join(EXPORTS_FOLDER, `${op.id}.tar.gz`);
  // The operation's own identifier: nobody else's backup can have this name.
  const backup = `longshore-${op.id}`;
  try {
    if ((await recorded(op)) === undefined) {
      await op.step('make the backup on the host', () => makeBackup(op, client, backup));
      await op.step('fetch the backup', () => fetchBackup(op, client, backup, path));
    }
  } catch (error) {
    if (!op.lifetime.aborted && op.givesUp(error)) await giveUp(op, client, backup, path);
    throw error;
  }
  await op.step('remove the backup from the host', () => removeBackup(op, client, backup));
  const made = await recorded(op);
  if (made === undefined)
    throw new LongshoreError('internal', 'The export was deleted while it was being finished.');
  return { exportId: op.id, sizeBytes: made.size_bytes, sha256: made.sha256 };
}

/** The export once it is there; it has the operation's identifier. */
function recorded(op: RunningOperation<ExportInput>) {
  return op.context.store.db
    .selectFrom('exports')
    .select(['size_bytes', 'sha256'])
    .where('id', '=', op.id)
    .executeTakeFirst();
}

async function makeBackup(
  op: RunningOperation<ExportInput>,
  client: LxdClient,
  backup: string,
): Promise<void> {
  const scope = { project: op.input.lxdProject, signal: op.signal };
  const { hostOperation } = ExportMemory.parse(op.memory);
  if (hostOperation !== undefined && (await endedWell(client, hostOperation, op.signal))) return;
  // Of an earlier run, and nobody knows whether it is whole.
  await removeBackup(op, client, backup);
  const ref = await client.instances.backups.create(
    op.target.name,
    {
      name: backup,
      expires_at: new Date(op.context.clock().getTime() + BACKUP_HOURS * 3_600_000).toISOString(),
      instance_only: op.input.instanceOnly,
      optimized_storage: false,
    },
    scope,
  );
  await op.remember({ hostOperation: ref.id });
  await hostWork(client, Promise.resolve(ref), { signal: op.signal });
}

async function endedWell(client: LxdClient, hostOperation: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.operations.wait(hostOperation, { signal });
    return true;
  } catch (error) {
    if (isLxdError(error, 'operation-failed', 'operation-cancelled', 'not-found')) return false;
    throw error;
  }
}

async function fetchBackup(
  op: RunningOperation<ExportInput>,
  client: LxdClient,
  backup: string,
  path: string,
): Promise<void> {
  const { context } = op;
  const scope = { project: op.input.lxdProject, signal: op.signal };
  const download = await client.instances.backups.export(op.target.name, backup, scope);
  const file = await receiveFile(join(context.dataDir, path), download.body, {
    signal: op.signal,
    onBytes: (bytes) => {
      if (download.bytes !== undefined && download.bytes > 0) op.progress((100 * bytes) / download.bytes);
    },
  });
  if (download.bytes !== undefined && download.bytes !== file.sizeBytes) {
    throw new LongshoreError('host-failed', `The backup of ${op.target.name} did not arrive whole.`);
  }
  await op.transaction(async (trx) => {
    await trx
      .insertInto('exports')
      .values({
        id: op.id,
        instance_id: op.input.instanceId,
        instance_name: op.target.name,
        path,
        size_bytes: file.sizeBytes,
        sha256: file.sha256,
        expires_at: sql<Date>`now() + make_interval(hours => ${EXPORT_HOURS})`,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

async function removeBackup(
  op: RunningOperation<ExportInput>,
  client: LxdClient,
  backup: string,
): Promise<void> {
  const scope = { project: op.input.lxdProject, signal: op.lifetime };
  try {
    const started = client.instances.backups.delete(op.target.name, backup, scope);
    await hostWork(client, started, { signal: op.lifetime });
  } catch (error) {
    // Gone already: by an earlier run, or by its expiry.
    if (!isLxdError(error, 'not-found')) throw error;
  }
}

/** Takes away what was begun, as far as the host lets us; what stays there expires by itself. */
async function giveUp(
  op: RunningOperation<ExportInput>,
  client: LxdClient,
  backup: string,
  path: string,
): Promise<void> {
  await rm(join(op.context.dataDir, path), { force: true });
  try {
    await removeBackup(op, client, backup);
  } catch (error) {
    if (op.lifetime.aborted || !isLxdError(error)) throw error;
    op.context.log.info(
      { operation: op.id, backup, cause: error.message },
      'a backup stays on its host until it expires',
    );
  }
}
