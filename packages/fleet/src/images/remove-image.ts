import { Fingerprint, type ImageRemoval, LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { hostWork } from '../instances/host-work.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import '../sync/host-images-table.ts';
import { refreshImages } from './copy-image.ts';
import { onEachHost } from './host-results.ts';
import { hostsNamed, type NamedHost } from './image-hosts.ts';

const RemovalInput = z.object({
  fingerprint: Fingerprint,
  hosts: z.array(z.object({ id: z.uuid(), name: z.string() })),
});
type RemovalInput = z.infer<typeof RemovalInput>;

/** What the image is kept in, on a host. */
const Projects = z.array(z.object({ lxd_project: z.string() }));

/**
 * Accepts taking an image away from hosts, or from all that have it. Instances made from it stay as they are.
 *
 * @throws LongshoreError `image-not-found` (no host of the fleet has it), `not-found` (no such host),
 * `host-in-maintenance`
 */
export function removeImage(
  context: FleetContext,
  request: ImageRemoval & { readonly fingerprint: string },
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const { fingerprint } = request;
    const holders = await trx
      .selectFrom('host_images')
      .innerJoin('hosts', 'hosts.id', 'host_images.host_id')
      .select(['hosts.id', 'hosts.name', 'host_images.description'])
      .where('host_images.fingerprint', '=', fingerprint)
      .distinctOn('hosts.id')
      .execute();
    if (holders.length === 0) {
      throw new LongshoreError(
        'image-not-found',
        `No host of the fleet has an image ${fingerprint.slice(0, 12)}.`,
      );
    }
    const hosts: readonly NamedHost[] =
      request.hosts === undefined
        ? holders.map(({ id, name }) => ({ id, name }))
        : await hostsNamed(trx, request.hosts);
    const input: RemovalInput = { fingerprint, hosts: [...hosts] };
    const operation = await accept(context, trx, {
      action: 'image.remove',
      target: { kind: 'image', id: fingerprint, name: holders[0]?.description || fingerprint.slice(0, 12) },
      hostId: null,
      input,
      requester,
    });
    return { operation };
  });
}

/** Deletes the image on each host, in every LXD project that has it; gone already is fine. */
export const removeImageHandler = defineHandler({
  action: 'image.remove',
  input: RemovalInput,
  run: (op) => onEachHost(op, op.input.hosts, (host) => op.step(host.name, () => removeFrom(op, host))),
});

async function removeFrom(op: RunningOperation<RemovalInput>, host: NamedHost): Promise<string> {
  const { fingerprint } = op.input;
  const target = await op.host(host.id);
  const rows = await op.context.store.db
    .selectFrom('host_images')
    .select('lxd_project')
    .where('host_id', '=', host.id)
    .where('fingerprint', '=', fingerprint)
    .execute();
  for (const { lxd_project: project } of Projects.parse(rows)) {
    try {
      const started = target.client.images.delete(fingerprint, { project, signal: op.signal });
      await hostWork(target.client, started, { signal: op.signal });
    } catch (error) {
      if (!isLxdError(error, 'not-found')) throw error;
    }
  }
  await refreshImages(op.context, target, op.signal);
  return fingerprint;
}
