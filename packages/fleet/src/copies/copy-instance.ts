import { randomUUID } from 'node:crypto';
import { type InstanceCopy, LongshoreError } from '@longshore/contract';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { distrustGuest } from '../guest-keys/request-guest-keys.ts';
import { sizeOf } from '../instances/ask-for-size.ts';
import { instanceForChange } from '../instances/instance-for-change.ts';
import { insertPendingInstance } from '../instances/pending-instance.ts';
import { reserveName } from '../instances/reserve-name.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { placeInstance } from '../placement/place-instance.ts';
import { endOfLife } from '../projects/lifetimes.ts';
import { lockProject } from '../projects/quotas.ts';
import type { CopyInput } from './copy-instance-handler.ts';

/** Which instance to copy, and into what. */
export type CopyRequest = InstanceCopy & { readonly id: string };

const SnapshotNames = z.array(z.object({ name: z.string() }));

/**
 * Accepts a copy: a new instance with the configuration and the present state of another one, or of one of its
 * snapshots, but with an identity and addresses of its own. Without a placement it stays on the same host, where a copy
 * costs least. Its snapshots are not copied.
 *
 * @throws LongshoreError `not-found` (instance or snapshot), `name-taken`, `conflict`, `quota-exceeded`, `limit-required`, and what
 * placement throws
 */
export function copyInstance(
  context: FleetContext,
  request: CopyRequest,
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const source = await instanceForChange(trx, request.id, 'read');
    if (source.status === 'pending') {
      throw new LongshoreError('conflict', `${source.name} cannot be copied: it is not made yet.`);
    }
    const { snapshot } = request;
    const known = SnapshotNames.parse(source.snapshots).map(({ name }) => name);
    if (snapshot !== undefined && !known.includes(snapshot)) {
      throw new LongshoreError('not-found', `${source.name} has no snapshot ${snapshot}.`, {
        hint: known.length === 0 ? 'It has no snapshots.' : `It has: ${known.slice(-10).join(', ')}.`,
      });
    }
    const { host, labels } = request.placement;
    const anywhere = host === undefined && (labels === undefined || Object.keys(labels).length === 0);
    const placed = await placeInstance(trx, {
      placement: anywhere ? { host: source.hostId } : request.placement,
      type: source.type,
      architecture: source.architecture ?? undefined,
    });
    await reserveName(trx, { name: request.name, lxdProject: source.lxdProject, hostId: placed.hostId });
    const size = await sizeOf(trx, source.id);
    const intoProject = request.project ?? size.projectId;
    const project = intoProject === null ? null : await lockProject(trx, intoProject);
    const instanceId = randomUUID();
    const id = randomUUID();
    await insertPendingInstance(trx, {
      id: instanceId,
      name: request.name,
      type: source.type,
      hostId: placed.hostId,
      lxdProject: source.lxdProject,
      operationId: id,
      createdBy: requester.name,
      placementReason: anywhere ? `with ${source.name}, which it copies` : placed.reason,
      labels: request.labels,
      membership: { ...size, project, expiresAt: endOfLife(undefined, project, context.clock()) },
    });
    await distrustGuest(trx, instanceId);
    const input: CopyInput = {
      sourceId: source.id,
      sourceHostId: source.hostId,
      snapshot: snapshot ?? null,
      start: request.start,
    };
    const operation = await accept(context, trx, {
      id,
      action: 'instance.copy',
      target: { kind: 'instance', id: instanceId, name: request.name },
      hostId: placed.hostId,
      input,
      requester,
      instanceId,
    });
    return { operation, instanceId };
  });
}
