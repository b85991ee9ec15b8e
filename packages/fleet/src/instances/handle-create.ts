import { InstanceCreation, LongshoreError } from '@longshore/contract';
import { type InstanceCreate, isLxdError } from '@longshore/lxd';
import { giveFirstHostKeys } from '../host-keys/first-host-keys.ts';
import type { HostConnection } from '../hosts/host-connections.ts';
import { ensureImageOnHost } from '../images/ensure-image.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import { MARK, statusOf } from '../sync/instance-observation.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';
import { configOf, rootDiskDevices } from './creation-config.ts';
import { hostWork, settleHostWork } from './host-work.ts';
import { isOwn, lookAt, type OwnInstance, ownInstanceOrFail } from './own-instance.ts';
import { removeHalfMade } from './remove-half-made.ts';
import { startInstance } from './start-stop.ts';

type Creation = RunningOperation<InstanceCreation>;

/** Makes an instance from an image and starts it; nothing is left on the host when that fails for good. */
export const createHandler = defineHandler({
  action: 'instance.create',
  input: InstanceCreation,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    try {
      return await make(op, row);
    } catch (error) {
      if (op.givesUp(error)) await removeHalfMade(op, row);
      throw error;
    }
  },
});

async function make(op: Creation, row: OwnInstance): Promise<Record<string, unknown>> {
  op.throwIfCancelled();
  const connection = await op.host(row.hostId);
  const { client } = connection;
  // The first run just makes it; a name that is taken shows as the host's refusal, which saves a question.
  let running = op.attempt === 1 ? undefined : await earlierWork(op, connection, row);
  let image: string | null = null;
  if (running === undefined) {
    const { fingerprint } = await ensureImageOnHost(op, connection, {
      source: op.input.source,
      type: op.input.type,
      lxdProject: row.lxdProject,
    });
    op.throwIfCancelled();
    image = fingerprint;
    running = await op.step('create', () => create(op, connection, row, fingerprint));
  }
  // Before its first start, or its sshd would make keys of its own.
  if (!running && op.input.type === 'container') {
    await giveFirstHostKeys(op, connection, row, image);
  }
  if (op.input.start && !running) {
    op.throwIfCancelled();
    await op.step('start', () => startInstance(client, row, { signal: op.lifetime }));
  }
  await refreshInstance(op.context, row.hostId, row.lxdProject, row.name);
  return { instanceId: row.id, hostId: row.hostId };
}

/** Sends the request. Returns whether the instance runs already, because an earlier request of ours had made it. */
async function create(
  op: Creation,
  connection: HostConnection,
  row: OwnInstance,
  fingerprint: string,
): Promise<boolean> {
  const { client } = connection;
  const body = await creationBody(op, connection, row, fingerprint);
  try {
    await hostWork(client, client.instances.create(body, { project: row.lxdProject, signal: op.signal }), {
      signal: op.signal,
    });
    return false;
  } catch (error) {
    if (!isLxdError(error, 'conflict', 'operation-failed', 'bad-request', 'server-error')) throw error;
    // The name may be taken: by ourselves, when an answer was lost, or by somebody else.
    const running = await earlierWork(op, connection, row);
    if (running === undefined) throw error;
    return running;
  }
}

/**
 * What an earlier run of this operation made: undefined when there is nothing, else whether it runs.
 *
 * @throws LongshoreError `name-taken` when the name belongs to somebody else's instance, which stays untouched
 */
async function earlierWork(
  op: Creation,
  { host, client }: HostConnection,
  row: OwnInstance,
): Promise<boolean | undefined> {
  await settleHostWork(client, row.lxdProject, row.name, op.signal);
  const seen = await lookAt(client, row.lxdProject, row.name, op.signal);
  if (seen === undefined) return undefined;
  if (isOwn(row, seen.value)) return statusOf(seen.value.status_code) === 'running';
  throw new LongshoreError(
    'name-taken',
    `Host ${host.name} has an instance ${row.name} that is not Longshore's.`,
    {
      hint: 'Choose another name or host; that instance was not touched.',
    },
  );
}

async function creationBody(
  op: Creation,
  { host, client }: HostConnection,
  row: OwnInstance,
  fingerprint: string,
): Promise<InstanceCreate> {
  const { input } = op;
  const { disk } = input.limits;
  const devices =
    disk === undefined
      ? input.devices
      : await rootDiskDevices(
          client,
          { devices: input.devices, profiles: input.profiles, project: row.lxdProject },
          disk,
        );
  return {
    name: row.name,
    type: input.type,
    profiles: [...input.profiles],
    config: { ...configOf(input, host.extensions), [MARK]: row.id },
    devices,
    ephemeral: input.ephemeral,
    description: input.description,
    source: { type: 'image', fingerprint },
  };
}
