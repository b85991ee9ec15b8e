import { LongshoreError } from '@longshore/contract';
import { type ImageCreateSource, isLxdError, type LxdClient, type OperationRef } from '@longshore/lxd';
import { z } from 'zod';
import type { HostConnection } from '../hosts/host-connections.ts';
import { isConnectionTrouble } from '../moves/connection-trouble.ts';
import { addressesForPeers } from '../moves/peer-addresses.ts';
import type { ImageNeed, ImageOperation } from './ensure-image.ts';
import { imageOnHost, looksLikeFingerprint } from './find-image.ts';
import { findInFleet, type ImageHolder } from './find-in-fleet.ts';

/**
 * Brings an image to a host that does not have it, and answers its fingerprint. Does nothing where the host got it
 * meanwhile.
 *
 * @throws LongshoreError `image-not-found`
 */
export async function fetchImage(
  op: ImageOperation,
  target: HostConnection,
  need: ImageNeed,
): Promise<string> {
  const { server, protocol } = need.source;
  if (server !== undefined) {
    return op.step(`fetch image ${need.source.image}`, () =>
      fetchRemote(op, target, need, { server, protocol: protocol ?? 'simplestreams' }),
    );
  }
  const holders = await findInFleet(op.context.store, need, target.host.id);
  if (holders.length === 0) {
    throw new LongshoreError(
      'image-not-found',
      `No ${need.type} image "${need.source.image}" is on ${target.host.name} or on another host of the fleet.`,
      {
        hint: 'Check the alias, or name the server to fetch it from, such as https://cloud-images.ubuntu.com/releases.',
      },
    );
  }
  return op.step(`copy image ${need.source.image}`, () => copyFromFleet(op, target, need, holders));
}

async function fetchRemote(
  op: ImageOperation,
  target: HostConnection,
  need: ImageNeed,
  remote: { readonly server: string; readonly protocol: 'simplestreams' | 'lxd' },
): Promise<string> {
  const source: ImageCreateSource = {
    type: 'image',
    mode: 'pull',
    server: remote.server,
    protocol: remote.protocol,
    image_type: need.type,
    ...(looksLikeFingerprint(need.source.image)
      ? { fingerprint: need.source.image }
      : { alias: need.source.image }),
  };
  try {
    return await runImageOperation(op, target.client, need, () =>
      target.client.images.create({ source }, { project: need.lxdProject, signal: op.signal }),
    );
  } catch (error) {
    if (
      isLxdError(error, 'operation-failed', 'not-found') &&
      /not found|doesn't exist|couldn't find/i.test(error.message)
    ) {
      throw new LongshoreError(
        'image-not-found',
        `${remote.server} has no ${need.type} image "${need.source.image}" for ${target.host.name} (${error.message}).`,
        {
          hint: 'Check the alias and the server, and that it has images for this architecture.',
          cause: error,
        },
      );
    }
    throw error;
  }
}

/** Tries each host that has the image: first host to host, then through us. */
async function copyFromFleet(
  op: ImageOperation,
  target: HostConnection,
  need: ImageNeed,
  holders: readonly ImageHolder[],
): Promise<string> {
  let last: unknown;
  for (const holder of holders) {
    try {
      const source = await op.host(holder.hostId);
      return await copyFromHost(op, source, target, need, holder);
    } catch (error) {
      op.signal.throwIfAborted();
      // A holder that is silent, or has lost the image meanwhile, is passed over for the next one.
      if (!(error instanceof LongshoreError) && !isLxdError(error)) throw error;
      last = error;
    }
  }
  throw last;
}

async function copyFromHost(
  op: ImageOperation,
  source: HostConnection,
  target: HostConnection,
  need: ImageNeed,
  holder: ImageHolder,
): Promise<string> {
  const scope = { project: need.lxdProject, signal: op.signal };
  const from = { project: holder.lxdProject, signal: op.signal };
  for (const address of await addressesForPeers(source, op.signal)) {
    const secret = await source.client.images.secret(holder.fingerprint, from);
    const { certificate } = await source.client.server.get({ signal: op.signal });
    const pull: ImageCreateSource = {
      type: 'image',
      mode: 'pull',
      server: address,
      protocol: source.host.kind,
      fingerprint: holder.fingerprint,
      project: holder.lxdProject,
      secret,
      certificate,
      image_type: need.type,
    };
    try {
      const create = () => target.client.images.create({ source: pull }, scope);
      return await runImageOperation(op, target.client, need, create, holder.fingerprint);
    } catch (error) {
      if (!isConnectionTrouble(error) && !unknownProtocol(error)) throw error;
      op.note(`${target.host.name} cannot fetch from ${address}`);
    }
  }
  op.note('passing it through Longshore');
  const download = await source.client.images.export(holder.fingerprint, from);
  const image = (await source.client.images.get(holder.fingerprint, from)).value;
  const upload = () =>
    target.client.images.upload(
      { kind: 'export', download },
      { ...scope, fingerprint: holder.fingerprint, properties: image.properties },
    );
  return runImageOperation(op, target.client, need, upload, holder.fingerprint);
}

/** LXD does not know the protocol `incus`, nor Incus always `lxd`: then the image goes through us. */
function unknownProtocol(error: unknown): boolean {
  return isLxdError(error) && /protocol|unknown server type/i.test(error.message);
}

/** Runs a host's image operation to its end. Somebody having brought the image meanwhile is a success, too. */
async function runImageOperation(
  op: ImageOperation,
  client: LxdClient,
  need: ImageNeed,
  start: () => Promise<OperationRef>,
  expected?: string,
): Promise<string> {
  try {
    const ended = await client.operations.wait(await start(), {
      signal: op.signal,
      onProgress: (state) => {
        const percent = percentOf(state.metadata);
        if (percent !== undefined) op.progress(percent);
      },
    });
    const fingerprint = fingerprintIn(ended.metadata) ?? expected;
    if (fingerprint !== undefined) return fingerprint;
    throw new LongshoreError('host-failed', 'The host did not say which image it fetched.', {
      hint: 'Ask again; the image may be there already.',
    });
  } catch (error) {
    if (expected !== undefined && isLxdError(error, 'operation-failed', 'conflict', 'bad-request')) {
      const scope = { project: need.lxdProject, signal: op.signal };
      if ((await imageOnHost(client, expected, scope)) !== undefined) return expected;
    }
    throw error;
  }
}

const Metadata = z.object({ fingerprint: z.string().optional(), download_progress: z.string().optional() });

function fingerprintIn(metadata: unknown): string | undefined {
  const parsed = Metadata.safeParse(metadata);
  return parsed.success ? parsed.data.fingerprint : undefined;
}

/** LXD tells progress in words: `rootfs: 42% (3.1MB/s)`. */
function percentOf(metadata: unknown): number | undefined {
  const parsed = Metadata.safeParse(metadata);
  const digits = parsed.success ? /(\d{1,3})%/.exec(parsed.data.download_progress ?? '')?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
