import { type Store, sql } from '@longshore/store';
import type { ImageNeed } from './ensure-image.ts';
import { looksLikeFingerprint } from './find-image.ts';
import '../hosts/hosts-table.ts';
import '../sync/host-images-table.ts';

/** A host that has the image, as last observed. */
export type ImageHolder = Readonly<{ hostId: string; lxdProject: string; fingerprint: string }>;

/** More than these would only repeat the same failure. */
const MAX_HOLDERS = 5;

/** Hosts of the fleet that have a wanted image, the newest image first; all answer now, as far as is known. */
export async function findInFleet(
  store: Store,
  need: ImageNeed,
  exceptHostId: string,
): Promise<readonly ImageHolder[]> {
  const wanted = need.source.image;
  const byAlias = sql<boolean>`host_images.aliases @> ${JSON.stringify([wanted])}::jsonb`;
  const byFingerprint = sql<boolean>`host_images.fingerprint LIKE ${`${wanted}%`}`;
  return (
    store.db
      .selectFrom('host_images')
      .innerJoin('hosts', 'hosts.id', 'host_images.host_id')
      .select([
        'host_images.host_id as hostId',
        'host_images.lxd_project as lxdProject',
        'host_images.fingerprint as fingerprint',
      ])
      .where('hosts.id', '!=', exceptHostId)
      .where('hosts.status', '=', 'online')
      .where('hosts.removing', '=', false)
      .where('host_images.type', '=', need.type)
      .where(looksLikeFingerprint(wanted) ? sql<boolean>`(${byAlias} OR ${byFingerprint})` : byAlias)
      // An image for another architecture is of no use there.
      .where(
        sql<boolean>`(SELECT wanting.architectures ? host_images.architecture FROM hosts wanting WHERE wanting.id = ${exceptHostId})`,
      )
      .orderBy(sql`host_images.created_at DESC NULLS LAST`)
      .orderBy('host_images.host_id')
      .limit(MAX_HOLDERS)
      .execute()
  );
}
