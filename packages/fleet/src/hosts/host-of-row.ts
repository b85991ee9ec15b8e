import { Host } from '@longshore/contract';
import type { HostRow } from './hosts-table.ts';

/** A host's row with the counts of its instances. */
export type HostRowWithCounts = Omit<HostRow, 'extensions' | 'driver' | 'server_uuid' | 'trust_entry'> & {
  readonly total: number;
  readonly running: number;
};

/** The host that a row describes, as the API shows it. */
export function hostOf(row: HostRowWithCounts): Host {
  return Host.parse({
    id: row.id,
    name: row.name,
    kind: row.kind,
    url: row.url,
    fingerprint: row.fingerprint,
    seenFingerprint: row.status === 'quarantined' ? row.seen_fingerprint : null,
    status: row.status,
    statusReason: statusReason(row),
    statusSince: row.status_since.toISOString(),
    maintenance: row.maintenance,
    labels: row.labels,
    version: row.version,
    architectures: row.architectures,
    warnings: row.warnings,
    resources: row.resources,
    lxdProjects: row.lxd_projects,
    profiles: row.profiles,
    networks: row.networks,
    instances: { total: row.total, running: row.running },
    observedAt: row.observed_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    revision: row.revision,
  });
}

/** A quarantined host's new fingerprint is what a person needs to re-pin it. */
function statusReason(row: HostRowWithCounts): string | null {
  if (row.status !== 'quarantined' || row.seen_fingerprint === null) return row.status_reason;
  return `${row.status_reason ?? 'The certificate has changed.'} It shows ${row.seen_fingerprint}.`;
}
