import { LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';
import { statusOf } from '../sync/instance-observation.ts';
import { type HostWorkOptions, hostWork } from './host-work.ts';
import { lookAt, type OwnInstance } from './own-instance.ts';

/** Which instance, on which host. */
export type InstancePlace = Pick<OwnInstance, 'name' | 'lxdProject'>;

/** Starts an instance; one that runs already stays as it is. */
export async function startInstance(
  client: LxdClient,
  place: InstancePlace,
  options: HostWorkOptions,
): Promise<void> {
  await reach(client, place, { action: 'start' }, 'running', options);
}

/** Cuts the power. For what is to be deleted, or where a person asked for it. */
export async function forceStop(
  client: LxdClient,
  place: InstancePlace,
  options: HostWorkOptions,
): Promise<void> {
  await reach(client, place, { action: 'stop', force: true }, 'stopped', options);
}

/**
 * Lets the guest end by itself.
 *
 * @throws LongshoreError `host-refused` when it has not within `timeoutSeconds`; it goes on running
 */
export async function gracefulStop(
  client: LxdClient,
  place: InstancePlace,
  timeoutSeconds: number,
  options: HostWorkOptions,
): Promise<void> {
  try {
    await reach(client, place, { action: 'stop', timeoutSeconds }, 'stopped', options);
  } catch (error) {
    if (!isLxdError(error, 'operation-failed')) throw error;
    throw new LongshoreError(
      'host-refused',
      `The instance ${place.name} did not stop within ${timeoutSeconds} s; it still runs (${error.message}).`,
      { hint: 'Allow it more time (--timeout), or cut its power (--force).', cause: error },
    );
  }
}

/** Asks for a state. An error does not count when the state is reached nevertheless: somebody else was quicker. */
async function reach(
  client: LxdClient,
  { name, lxdProject: project }: InstancePlace,
  change: { action: 'start' | 'stop'; force?: boolean; timeoutSeconds?: number },
  wanted: 'running' | 'stopped',
  options: HostWorkOptions,
): Promise<void> {
  try {
    await hostWork(
      client,
      client.instances.setState(name, change, { project, signal: options.signal }),
      options,
    );
  } catch (error) {
    if (!isLxdError(error, 'operation-failed', 'bad-request', 'conflict', 'server-error', 'not-found'))
      throw error;
    const seen = await lookAt(client, project, name, options.signal);
    // An ephemeral instance is gone once it has stopped.
    const status = seen === undefined ? 'stopped' : statusOf(seen.value.status_code);
    if (status !== wanted) throw error;
  }
}
