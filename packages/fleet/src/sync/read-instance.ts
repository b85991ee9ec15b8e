import { type InstanceFull, isLxdError, type LxdClient } from '@longshore/lxd';
import type { HostRow } from '../hosts/hosts-table.ts';
import { type InstanceObservation, observe } from './instance-observation.ts';
import type { InstancesRead } from './write-instances.ts';

/** A targeted read answers in milliseconds; one that takes this long means the host is in trouble. */
const TIMEOUT_MS = 15_000;

/** What {@link readOneInstance} gives to `writeInstances`, which wants to know the host and the purpose besides. */
export type OneInstanceRead = Pick<InstancesRead, 'observation' | 'seen' | 'scope'>;

/**
 * Reads one instance with its state and snapshots; `nextNumber` is `nextObservation`. An instance that is not there is a result: nothing seen.
 * @throws LxdError for any other failure; UnusableInstance
 */
export async function readOneInstance(
  nextNumber: () => Promise<number>,
  client: LxdClient,
  host: Pick<HostRow, 'extensions'>,
  lxdProject: string,
  name: string,
  signal?: AbortSignal,
): Promise<OneInstanceRead> {
  const observation = await nextNumber();
  const full = await fullInstance(client, host.extensions, lxdProject, name, signal);
  const seen: InstanceObservation[] = full === undefined ? [] : [observe(full)];
  return { observation, seen, scope: { kind: 'one', lxdProject, name } };
}

/** The instance whole, or undefined where it is not there. Servers before LXD 4.20 need three calls. */
export async function fullInstance(
  client: LxdClient,
  extensions: readonly string[],
  project: string,
  name: string,
  signal?: AbortSignal,
): Promise<InstanceFull | undefined> {
  const options = { project, timeoutMs: TIMEOUT_MS, signal };
  try {
    if (extensions.includes('instance_get_full'))
      return (await client.instances.getFull(name, options)).value;
    const [{ value }, state, snapshots] = await Promise.all([
      client.instances.get(name, options),
      client.instances.state(name, options),
      client.instances.snapshots.list(name, options),
    ]);
    return { ...value, state, snapshots: [...snapshots], backups: [] };
  } catch (error) {
    if (isLxdError(error, 'not-found')) return undefined;
    throw error;
  }
}
