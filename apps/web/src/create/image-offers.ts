import type { Image } from '@longshore/contract';

/** What can be typed for the images of a type: the aliases, or a part of the fingerprint where there is none. */
export function imageOffers(images: readonly Image[], type: Image['type']): string[] {
  const offers = images
    .filter((image) => image.type === type)
    .flatMap((image) => {
      const aliases = image.hosts.flatMap((host) => host.aliases);
      return aliases.length === 0 ? [image.fingerprint.slice(0, 12)] : aliases;
    });
  return [...new Set(offers)].sort();
}
