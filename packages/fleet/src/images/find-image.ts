import { type Image, isLxdError, type LxdClient } from '@longshore/lxd';
import type { ImageNeed } from './ensure-image.ts';

/** At least this many digits are taken for the beginning of a fingerprint; LXD itself shows twelve. */
const FINGERPRINT = /^[0-9a-f]{12,64}$/;

/** Whether the text can only be (the beginning of) a fingerprint. */
export function looksLikeFingerprint(text: string): boolean {
  return FINGERPRINT.test(text);
}

/**
 * The fingerprint of an image on one host, by alias or (the beginning of) its fingerprint; undefined when the host
 * has none of the wanted type.
 */
export async function findOnHost(
  client: LxdClient,
  need: ImageNeed,
  options: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  const scope = { project: need.lxdProject, signal: options.signal };
  const wanted = need.source.image;
  if (looksLikeFingerprint(wanted)) {
    const image = await orNothing(async () => (await client.images.get(wanted, scope)).value);
    if (image !== undefined && image.type === need.type) return image.fingerprint;
  }
  // The alias tells type and fingerprint: one request. Old servers leave the type out, and then mean a container.
  const alias = await orNothing(async () => (await client.images.aliases.get(wanted, scope)).value);
  return alias !== undefined && alias.type === need.type ? alias.target : undefined;
}

/** The image with this fingerprint on a host, if it is there. */
export function imageOnHost(
  client: LxdClient,
  fingerprint: string,
  scope: { readonly project: string; readonly signal: AbortSignal },
): Promise<Image | undefined> {
  return orNothing(async () => (await client.images.get(fingerprint, scope)).value);
}

async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isLxdError(error, 'not-found')) return undefined;
    throw error;
  }
}
