import type { InstanceConfiguration } from '@longshore/contract';
import type { Database, Transaction } from '@longshore/store';
import { z } from 'zod';
import { enforceQuota, lockProject, takesOf } from '../projects/quotas.ts';
import { limitKeys, limitsAmong, rootDiskOf } from './creation-config.ts';
import './instances-table.ts';

const Present = z.object({
  project_id: z.string().nullable(),
  config: z.record(z.string(), z.string()),
  devices: z.record(z.string(), z.record(z.string(), z.string())),
});

/**
 * Notes what an instance is going to take of its project's quotas once a change of its configuration is done, and
 * refuses it where there is no room. Until the operation ends, the larger of this and what the host shows counts.
 *
 * Called after `accept`: the instance is this operation's alone.
 *
 * @throws LongshoreError `quota-exceeded`, `limit-required`
 */
export async function askForSize(
  trx: Transaction<Database>,
  id: string,
  change: InstanceConfiguration,
): Promise<void> {
  const { config, devices } = await readPresent(trx, id);
  const wanted = merged(config, { ...change.config, ...limitKeys(change.limits ?? {}) });
  const disk = change.limits?.disk ?? rootDiskOf(merged(devices, change.devices ?? {}))?.[1].size ?? null;
  await askFor(trx, id, wanted, disk);
}

/**
 * The same for what an instance is set back to: its configuration and devices become these, whatever they are now.
 *
 * @throws LongshoreError `quota-exceeded`, `limit-required`
 */
export async function askForSizeOfSnapshot(
  trx: Transaction<Database>,
  id: string,
  { config, devices }: Pick<z.infer<typeof Present>, 'config' | 'devices'>,
): Promise<void> {
  await askFor(trx, id, config, rootDiskOf(devices)?.[1].size ?? null);
}

async function askFor(
  trx: Transaction<Database>,
  id: string,
  config: Readonly<Record<string, string>>,
  disk: string | null,
): Promise<void> {
  const { project_id: projectId } = await readPresent(trx, id);
  if (projectId !== null) await lockProject(trx, projectId);
  const before = await takesOf(trx, id);
  await trx
    .updateTable('instances')
    .set({ asked_config: JSON.stringify(limitsAmong(config)), asked_disk: disk })
    .where('id', '=', id)
    .execute();
  if (projectId !== null) await enforceQuota(trx, projectId, id, before);
}

/** What an instance is the size of, as its host shows it, and its project. */
export async function sizeOf(
  trx: Transaction<Database>,
  id: string,
): Promise<Readonly<{ projectId: string | null; config: Record<string, string>; disk: string | null }>> {
  const { project_id: projectId, config, devices } = await readPresent(trx, id);
  return { projectId, config: limitsAmong(config), disk: rootDiskOf(devices)?.[1].size ?? null };
}

async function readPresent(trx: Transaction<Database>, id: string): Promise<z.infer<typeof Present>> {
  const row = await trx
    .selectFrom('instances')
    .select(['project_id', 'config', 'devices'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return Present.parse(row);
}

function merged<T>(
  base: Readonly<Record<string, T>>,
  change: Readonly<Record<string, T | null>>,
): Record<string, T> {
  const result: Record<string, T> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = value;
  }
  return result;
}
