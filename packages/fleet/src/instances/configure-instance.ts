import { InstanceConfiguration, LongshoreError } from '@longshore/contract';
import { type Instance, type InstanceEdit, isLxdError } from '@longshore/lxd';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { askForSize } from './ask-for-size.ts';
import { limitKeys, withRootSize } from './creation-config.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { instanceForChange } from './instance-for-change.ts';
import { ownInstanceOrFail, readOwnOrFail } from './own-instance.ts';
import { refuseOwnKeys } from './refuse-own-keys.ts';

/**
 * Accepts a change of configuration: named keys are set or removed, nothing else is touched.
 *
 * @throws LongshoreError `bad-request`, `busy`, `quota-exceeded`, `limit-required`, and what {@link instanceForChange} refuses
 */
export function configureInstance(
  context: FleetContext,
  input: { readonly id: string } & InstanceConfiguration,
  requester: Requester,
): Promise<Accepted> {
  const { id, ...change } = input;
  refuseOwnKeys(change.config);
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, 'change');
    const operation = await accept(context, trx, {
      action: 'instance.configure',
      target: { kind: 'instance', id, name: instance.name },
      hostId: instance.hostId,
      input: change,
      requester,
      instanceId: id,
    });
    await askForSize(trx, id, change);
    return { operation, instanceId: id };
  });
}

/** Somebody else writes the same instance at the same moment, again and again: five times is no chance. */
const WRITE_ATTEMPTS = 5;

/** Changes what is named on top of what the host has, and never overwrites a change made meanwhile. */
export const configureHandler = defineHandler({
  action: 'instance.configure',
  input: InstanceConfiguration,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { client } = await op.host(row.hostId);
    const { name, lxdProject: project } = row;
    if (op.attempt > 1) await settleHostWork(client, project, name, op.signal);
    op.throwIfCancelled();
    const options = { project, signal: op.lifetime };
    await op.step('configure', async () => {
      for (let attempt = 1; ; attempt += 1) {
        const { value, etag } = await readOwnOrFail(client, row, op.lifetime);
        try {
          const edit = editOf(value, op.input);
          await hostWork(client, client.instances.update(name, edit, { ...options, etag }), options);
          return;
        } catch (error) {
          if (!isLxdError(error, 'precondition-failed')) throw error;
          if (attempt === WRITE_ATTEMPTS) {
            throw new LongshoreError(
              'precondition-failed',
              `The instance ${name} is being changed by somebody else.`,
              {
                hint: 'Ask again when that is over.',
                cause: error,
              },
            );
          }
        }
      }
    });
    await refreshInstance(op.context, row.hostId, project, name);
    return undefined;
  },
});

/** The whole of what PUT takes: as it is on the host, with the change on top. */
export function editOf(seen: Instance, change: InstanceConfiguration): InstanceEdit {
  const config = merged(seen.config, { ...change.config, ...limitKeys(change.limits ?? {}) });
  const devices = merged(seen.devices, change.devices ?? {});
  const size = change.limits?.disk;
  return {
    architecture: seen.architecture,
    config,
    devices:
      size === undefined ? devices : withRootSize(devices, { ...seen.expanded_devices, ...devices }, size),
    ephemeral: seen.ephemeral,
    profiles: change.profiles === undefined ? seen.profiles : [...change.profiles],
    stateful: seen.stateful,
    description: change.description ?? seen.description,
  };
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
