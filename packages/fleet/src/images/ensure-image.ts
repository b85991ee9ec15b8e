import { type InstanceType, LongshoreError, type ImageSource as WantedImage } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import type { RunningOperation } from '../operations/handler.ts';
import { fetchImage } from './fetch-image.ts';
import { findOnHost } from './find-image.ts';

/** What is needed of the operation that asks; every handler has it. */
export type ImageOperation = Pick<
  RunningOperation<unknown>,
  'context' | 'host' | 'signal' | 'step' | 'note' | 'progress'
>;

/** An image that an instance is to be made from: where to look, and what kind of instance it is for. */
export type ImageNeed = Readonly<{ source: WantedImage; type: InstanceType; lxdProject: string }>;

/**
 * Makes sure that a host has an image, and says under which fingerprint: looked for on the host itself, then on the
 * other hosts of the fleet (copied host to host, or through us), or on the named remote server. Costs one request
 * when the host has it, and records a step only when it has to be fetched. Several operations that want the same
 * image on the same host share one download.
 *
 * @throws LongshoreError `image-not-found`; LxdError and LongshoreError of the hosts.
 */
export async function ensureImageOnHost(
  op: ImageOperation,
  target: HostConnection,
  need: ImageNeed,
): Promise<{ readonly fingerprint: string }> {
  if (need.source.server === undefined) {
    const present = await findOnHost(target.client, need, { signal: op.signal });
    if (present !== undefined) return { fingerprint: present };
  }
  return { fingerprint: await shareDownload(op, target, need) };
}

/** Downloads under way in this process, by host, project and source. LXD itself shares those of other processes. */
const downloads = new Map<string, Promise<string>>();

async function shareDownload(op: ImageOperation, target: HostConnection, need: ImageNeed): Promise<string> {
  const key = JSON.stringify([target.host.id, need.lxdProject, need.type, need.source]);
  const running = downloads.get(key);
  if (running !== undefined) {
    const shared = await op.step(`wait for image ${need.source.image}`, () => outcomeFor(op, running));
    // The operation that fetched it was cancelled, or lost its worker: ours takes over.
    return shared ?? shareDownload(op, target, need);
  }
  const download = fetchImage(op, target, need);
  downloads.set(key, download);
  try {
    return await download;
  } finally {
    downloads.delete(key);
  }
}

/** The other operation's result or failure; nothing when only that operation was stopped. */
async function outcomeFor(op: ImageOperation, running: Promise<string>): Promise<string | undefined> {
  try {
    return await running;
  } catch (error) {
    op.signal.throwIfAborted();
    if (isLxdError(error, 'aborted') || !(error instanceof LongshoreError || isLxdError(error)))
      return undefined;
    throw error;
  }
}
