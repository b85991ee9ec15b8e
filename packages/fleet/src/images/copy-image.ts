import { type ImageCopy, ImageSource, InstanceType } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import type { HostConnection } from '../hosts/host-connections.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import { createHostReader } from '../sync/host-reader.ts';
import { ensureImageOnHost } from './ensure-image.ts';
import { looksLikeFingerprint } from './find-image.ts';
import { onEachHost } from './host-results.ts';
import { hostsNamed } from './image-hosts.ts';

const CopyInput = z.object({
  source: ImageSource,
  hosts: z.array(z.object({ id: z.uuid(), name: z.string() })),
  aliases: z.array(z.string()),
  type: InstanceType,
});
type CopyInput = z.infer<typeof CopyInput>;

/** LXD project whose images all others share, unless a project keeps its own (`features.images`). */
const PROJECT = 'default';

/**
 * Accepts bringing an image to hosts.
 *
 * @throws LongshoreError `not-found` (no such host), `host-in-maintenance`
 */
export function copyImage(
  context: FleetContext,
  request: ImageCopy,
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const hosts = await hostsNamed(trx, request.hosts);
    const { source, aliases, type } = request;
    const input: CopyInput = { source, hosts: [...hosts], aliases, type };
    const operation = await accept(context, trx, {
      action: 'image.copy',
      target: {
        kind: 'image',
        id: looksLikeFingerprint(source.image) ? source.image : null,
        name: source.image,
      },
      hostId: null,
      input,
      requester,
    });
    return { operation };
  });
}

/** Brings the image to each host that lacks it, and points the aliases to it. */
export const copyImageHandler = defineHandler({
  action: 'image.copy',
  input: CopyInput,
  run: (op) =>
    onEachHost(op, op.input.hosts, (host) =>
      op.step(host.name, async () => {
        const target = await op.host(host.id);
        const { fingerprint } = await ensureImageOnHost(onHost(op, host.name), target, {
          source: op.input.source,
          type: op.input.type,
          lxdProject: PROJECT,
        });
        for (const alias of op.input.aliases) await pointAlias(target.client, alias, fingerprint, op.signal);
        await refreshImages(op.context, target, op.signal);
        return fingerprint;
      }),
    ),
});

/** Steps of several hosts at once are told apart by the host's name. */
function onHost(op: RunningOperation<CopyInput>, host: string): RunningOperation<CopyInput> {
  return { ...op, memory: op.memory, step: (name, work) => op.step(`${host}: ${name}`, work) };
}

/** Makes an alias name this image; one that names an older image is moved over. */
async function pointAlias(
  client: LxdClient,
  alias: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const scope = { project: PROJECT, signal };
  try {
    const { value, etag } = await client.images.aliases.get(alias, scope);
    if (value.target === target) return;
    await client.images.aliases.update(alias, { target, description: value.description }, { ...scope, etag });
  } catch (error) {
    if (!isLxdError(error, 'not-found')) throw error;
    await client.images.aliases.create({ name: alias, target }, scope);
  }
}

/** Reads the images of a host now, so that the fleet's list is true when the operation ends. */
export async function refreshImages(
  context: FleetContext,
  { host, client }: HostConnection,
  signal: AbortSignal,
): Promise<void> {
  const reader = createHostReader({
    store: context.store,
    host,
    client,
    turn: (work) => work(),
  });
  await reader.facts(signal);
}
