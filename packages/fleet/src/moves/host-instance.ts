import { type Instance, isLxdError, type LxdClient } from '@longshore/lxd';
import { MARK } from './portable-config.ts';

/** Where a call goes and how long it may last. */
export type Scope = Readonly<{ project: string; signal: AbortSignal }>;

/** LXD status codes (doc/rest-api.md): 102 stopped, 103 running, 110 frozen. */
const STOPPED = 102;

/** Whether nothing of the instance runs; one in an error state counts as running. */
export function isStopped(instance: Pick<Instance, 'status_code'>): boolean {
  return instance.status_code === STOPPED;
}

/** An instance of a host, or undefined where it is not there. */
export async function findInstance(
  client: LxdClient,
  name: string,
  scope: Scope,
): Promise<Instance | undefined> {
  try {
    return (await client.instances.get(name, scope)).value;
  } catch (error) {
    if (isLxdError(error, 'not-found')) return undefined;
    throw error;
  }
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
    const ref = await client.instances.delete(instance.name, scope);
    await client.operations.wait(ref, { signal: scope.signal });
  } catch (error) {
    if (!isLxdError(error, 'not-found')) throw error;
    if ((await findInstance(client, instance.name, scope)) !== undefined) throw error;
  }
}

/** Waits for what a host still does to an instance on its own, such as a transfer of a process that died. */
export async function waitUntilIdle(client: LxdClient, name: string, scope: Scope): Promise<void> {
  const all = await client.operations.list({ project: scope.project, signal: scope.signal });
  const about = all.filter((operation) => {
    const paths = Object.values(operation.resources ?? {}).flatMap((list) => list ?? []);
    return operation.status_code < 200 && paths.some((path) => lastSegment(path) === name);
  });
  for (const operation of about) {
    try {
      await client.operations.wait(operation.id, { signal: scope.signal });
    } catch (error) {
      // How it ended is of no interest here; what is there is looked at next.
      if (!isLxdError(error, 'operation-failed', 'operation-cancelled', 'not-found')) throw error;
    }
  }
}

function lastSegment(path: string): string {
  const plain = path.split('?', 1)[0] ?? '';
  return plain.slice(plain.lastIndexOf('/') + 1);
}
