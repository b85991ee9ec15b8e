import type { HostResources, HostStatus, HostWarning } from '@longshore/contract';
import type { ServerInfo } from '@longshore/lxd';
import { type Database, type Query, type Store, sql, type Transaction } from '@longshore/store';
import { databaseJson, databaseText } from './instance-observation.ts';
import { type HostFacts, type ImageObservation, serverIdentity } from './read-host-facts.ts';

/** A session's hold on its host, which another process may have taken over. */
export type Fence = {
  /** Grows with each take-over. */
  readonly number: number;
  /** First in the transaction of a write. @throws StoreError `lease_lost` */
  check(trx: Transaction<Database>): Promise<void>;
};

/** How Longshore stands with a host, to be written where it differs. */
export type HostCondition = {
  readonly status: HostStatus;
  readonly reason: string | null;
  /** What a quarantined host shows instead of the pinned certificate. */
  readonly seenFingerprint: string | null;
};

/** Writes the status where it differs; `online` notes that the host was read just now. Returns the status before, undefined when the host is gone. */
export async function writeCondition(
  store: Store,
  hostId: string,
  condition: HostCondition,
  fence: Fence,
): Promise<HostStatus | undefined> {
  return store.transaction(async (trx) => {
    await fence.check(trx);
    const before = await trx
      .selectFrom('hosts')
      .select('status')
      .where('id', '=', hostId)
      .forUpdate()
      .executeTakeFirst();
    const reason = condition.reason === null ? null : databaseText(condition.reason);
    await sql`
      UPDATE hosts SET status = ${condition.status}, status_reason = ${reason},
        seen_fingerprint = ${condition.seenFingerprint},
        status_since = CASE WHEN status = ${condition.status} THEN status_since ELSE now() END
      WHERE id = ${hostId} AND (status, status_reason, seen_fingerprint)
        IS DISTINCT FROM (${condition.status}, ${reason}::text, ${condition.seenFingerprint}::text)`.execute(
      trx,
    );
    if (condition.status === 'online') {
      await sql`UPDATE hosts SET observed_at = now() WHERE id = ${hostId}`.execute(trx);
    }
    return before?.status;
  });
}

/** Writes what `GET /1.0` told, where it differs. */
export async function writeServer(query: Query, hostId: string, info: ServerInfo): Promise<void> {
  const architectures = databaseJson(info.architectures);
  const extensions = databaseJson([...info.apiExtensions].sort());
  const version = databaseText(info.version);
  const driver = databaseText(info.driver);
  const identity = serverIdentity(info);
  await sql`
    UPDATE hosts SET version = ${version}, architectures = ${architectures}::jsonb,
      driver = ${driver}, extensions = ${extensions}::jsonb, server_uuid = ${identity}
    WHERE id = ${hostId} AND (version, architectures, driver, extensions, server_uuid) IS DISTINCT FROM
      (${version}, ${architectures}::jsonb, ${info.driver}, ${extensions}::jsonb, ${identity}::text)`.execute(
    query,
  );
}

/** Writes what people should know of the host, where it differs. */
export async function writeWarnings(
  query: Query,
  hostId: string,
  warnings: readonly HostWarning[],
): Promise<void> {
  const json = databaseJson(warnings);
  await sql`UPDATE hosts SET warnings = ${json}::jsonb
    WHERE id = ${hostId} AND warnings IS DISTINCT FROM ${json}::jsonb`.execute(query);
}

/** Writes projects, profiles and networks, and the host's images; only what differs. */
export async function writeFacts(query: Query, hostId: string, facts: HostFacts): Promise<void> {
  const projects = databaseJson(facts.lxdProjects);
  const profiles = databaseJson(facts.profiles);
  const networks = databaseJson(facts.networks);
  await sql`
    UPDATE hosts SET lxd_projects = ${projects}::jsonb, profiles = ${profiles}::jsonb, networks = ${networks}::jsonb
    WHERE id = ${hostId} AND (lxd_projects, profiles, networks) IS DISTINCT FROM
      (${projects}::jsonb, ${profiles}::jsonb, ${networks}::jsonb)`.execute(query);
  await writeImages(query, hostId, facts.images);
}

/** Makes the host's rows of `host_images` equal to what it listed. */
export async function writeImages(
  query: Query,
  hostId: string,
  images: readonly ImageObservation[],
): Promise<void> {
  const records = databaseJson(images);
  const record = sql`(lxd_project text, fingerprint text, description text, type text, architecture text,
    size_bytes bigint, aliases jsonb, created_at timestamptz)`;
  await sql`
    DELETE FROM host_images h WHERE h.host_id = ${hostId} AND NOT EXISTS (
      SELECT FROM jsonb_to_recordset(${records}::jsonb) AS o${record}
      WHERE o.lxd_project = h.lxd_project AND o.fingerprint = h.fingerprint)`.execute(query);
  await sql`
    INSERT INTO host_images (host_id, lxd_project, fingerprint, description, type, architecture, size_bytes, aliases,
      created_at, observed_at)
    SELECT DISTINCT ON (lxd_project, fingerprint) ${hostId}::uuid, lxd_project, fingerprint, description, type,
      architecture, size_bytes, aliases, created_at, now()
    FROM jsonb_to_recordset(${records}::jsonb) AS o${record}
    ON CONFLICT (host_id, lxd_project, fingerprint) DO UPDATE SET description = excluded.description,
      type = excluded.type, architecture = excluded.architecture, size_bytes = excluded.size_bytes,
      aliases = excluded.aliases, created_at = excluded.created_at, observed_at = excluded.observed_at
    WHERE (host_images.description, host_images.type, host_images.architecture, host_images.size_bytes,
           host_images.aliases, host_images.created_at)
      IS DISTINCT FROM (excluded.description, excluded.type, excluded.architecture, excluded.size_bytes,
           excluded.aliases, excluded.created_at)`.execute(query);
}

/** Writes size and use. They change all the time, which is why `hosts_after` makes no event of them. */
export async function writeResources(
  query: Query,
  hostId: string,
  resources: HostResources | null,
): Promise<void> {
  if (resources === null) return;
  await query
    .updateTable('hosts')
    .set({ resources: databaseJson(resources) })
    .where('id', '=', hostId)
    .execute();
}

/** A host with a live session, and the fencing number of its lease. */
export type LiveHost = { readonly hostId: string; readonly fence: number };

/**
 * Notes that these hosts were alive just now: one statement for all sessions of a process. A host that another process
 * has by now, whose fence is higher, is left out.
 */
export async function touchHosts(store: Store, live: readonly LiveHost[]): Promise<void> {
  if (live.length === 0) return;
  const ids = live.map(({ hostId }) => hostId);
  const fences = live.map(({ fence }) => fence);
  await sql`
    UPDATE hosts SET observed_at = now()
    FROM unnest(${ids}::uuid[], ${fences}::bigint[]) AS live (id, fence)
      JOIN store_leases l ON l.kind = 'host' AND l.key = live.id::text AND l.fence = live.fence
    WHERE hosts.id = live.id`.execute(store.db);
}
