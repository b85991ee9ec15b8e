import { type InstanceMove, LongshoreError } from '@longshore/contract';
import type { FleetContext } from '../fleet-context.ts';
import { instanceForChange } from '../instances/instance-for-change.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { placeInstance } from '../placement/place-instance.ts';
import type { MoveInput } from './move-memory.ts';

/** Which instance to move, and how. */
export type MoveRequest = InstanceMove & { readonly id: string };

/**
 * Accepts a move to another host.
 *
 * @throws LongshoreError `not-found`, `busy`, `conflict` (already there, unclaimed, or not on its host now), and what placement
 * throws: `no-suitable-host`, `host-in-maintenance`, `host-quarantined`
 */
export function moveInstance(
  context: FleetContext,
  request: MoveRequest,
  requester: Requester,
  parentId?: string,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, request.id, 'leave');
    if (instance.status === 'pending') {
      throw new LongshoreError('conflict', `${instance.name} cannot be moved: it is not made yet.`);
    }
    const placed = await placeInstance(trx, {
      placement: request.placement,
      type: instance.type,
      architecture: instance.architecture ?? undefined,
      exclude: [instance.hostId],
    });
    const input: MoveInput = {
      instanceId: instance.id,
      sourceHostId: instance.hostId,
      targetHostId: placed.hostId,
      placementReason: placed.reason,
      via: request.via,
      force: request.force,
    };
    const operation = await accept(context, trx, {
      action: 'instance.move',
      target: { kind: 'instance', id: instance.id, name: instance.name },
      hostId: instance.hostId,
      input,
      requester,
      parentId,
      instanceId: instance.id,
    });
    return { operation, instanceId: instance.id };
  });
}
