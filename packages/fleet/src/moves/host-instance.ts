import { type Instance, isLxdError, type LxdClient } from '@longshore/lxd';
import { hostWork } from '../instances/host-work.ts';
import { lookAt } from '../instances/own-instance.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { MARK } from './portable-config.ts';

/** Where a call goes and how long it may last. */
export type Scope = Readonly<{ project: string; signal: AbortSignal }>;

/** Whether nothing of the instance runs; one in an error state counts as running. */
export function isStopped(instance: Pick<Instance, 'status_code'>): boolean {
  return statusOf(instance.status_code) === 'stopped';
}

/** An instance of a host, or undefined where it is not there. */
export async function findInstance(
  client: LxdClient,
  name: string,
  scope: Scope,
): Promise<Instance | undefined> {
  return (await lookAt(client, scope.project, name, scope.signal))?.value;
}

/** Sets configuration keys; null takes one away. Touches no other key, and nothing when all are so already. */
export async function setConfig(
  client: LxdClient,
  instance: Instance,
  keys: Readonly<Record<string, string | null>>,
  scope: Scope,
): Promise<void> {
  const different = Object.entries(keys).filter(([key, value]) => (instance.config[key] ?? null) !== value);
  if (different.length === 0) return;
  const config = Object.fromEntries(different.map(([key, value]) => [key, value ?? '']));
  await client.instances.patch(instance.name, { config }, scope);
}

/** Whether an operation made this instance, or has taken hold of it, and may therefore take it away. */
export function isHalfOf(
  instance: Instance,
  mark: { readonly instanceId: string; readonly operationId: string; readonly key: string },
): boolean {
  return instance.config[MARK.id] === mark.instanceId && instance.config[mark.key] === mark.operationId;
}

/** Deletes a stopped instance that is known to be ours, its own protection notwithstanding. Gone already is fine. */
export async function deleteOurs(client: LxdClient, instance: Instance, scope: Scope): Promise<void> {
  try {
    await setConfig(client, instance, { 'security.protection.delete': null }, scope);
    await hostWork(client, client.instances.delete(instance.name, scope), { signal: scope.signal });
  } catch (error) {
    if (!isLxdError(error, 'not-found')) throw error;
    if ((await findInstance(client, instance.name, scope)) !== undefined) throw error;
  }
}
