import { randomUUID } from 'node:crypto';
import type { InstanceCreation } from '@longshore/contract';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { placeInstance } from '../placement/place-instance.ts';
import { endOfLife } from '../projects/lifetimes.ts';
import { lockProject } from '../projects/quotas.ts';
import { limitKeys, rootDiskOf } from './creation-config.ts';
import { insertPendingInstance } from './pending-instance.ts';
import { refuseOwnKeys } from './refuse-own-keys.ts';
import { reserveName } from './reserve-name.ts';

/**
 * Accepts the creation of an instance: chooses its host, takes its name and makes its row, all in one transaction.
 *
 * @throws LongshoreError `name-taken`, `no-suitable-host`, `bad-request`, `quota-exceeded`, `limit-required`,
 * `lifetime-exceeded`, `not-found` (no such project), and those of a named host
 */
export function createInstance(
  context: FleetContext,
  input: InstanceCreation,
  requester: Requester,
): Promise<Accepted> {
  refuseOwnKeys(input.config);
  return acceptOnce(context, requester, async (trx) => {
    const placed = await placeInstance(trx, { placement: input.placement, type: input.type });
    const { name, lxdProject } = input;
    await reserveName(trx, { name, lxdProject, hostId: placed.hostId });
    const project = input.project === undefined ? null : await lockProject(trx, input.project);
    const expiresAt = endOfLife(input.expiresAt, project, context.clock());
    const config = { ...input.config, ...limitKeys(input.limits) };
    const instanceId = randomUUID();
    const operationId = randomUUID();
    await insertPendingInstance(trx, {
      id: instanceId,
      name,
      type: input.type,
      hostId: placed.hostId,
      lxdProject,
      operationId,
      createdBy: requester.name,
      placementReason: placed.reason,
      labels: input.labels,
      membership: {
        project,
        expiresAt,
        config,
        disk: input.limits.disk ?? rootDiskOf(input.devices)?.[1].size ?? null,
      },
      protected: input.protected,
      description: input.description,
      config,
      image: input.source.image,
    });
    const operation = await accept(context, trx, {
      id: operationId,
      action: 'instance.create',
      target: { kind: 'instance', id: instanceId, name },
      hostId: placed.hostId,
      input,
      requester,
    });
    return { operation, instanceId };
  });
}
