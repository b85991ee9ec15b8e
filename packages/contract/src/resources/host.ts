import { z } from 'zod';
import { Fingerprint, HostName, HttpsUrl, Id, Labels, Timestamp } from '../names.ts';

/** How Longshore stands with a host. `unreachable` is a fact, not an error; `quarantined` waits for a re-pin. */
export const HostStatus = z
  .enum(['connecting', 'online', 'unreachable', 'quarantined'])
  .meta({ id: 'HostStatus' });
export type HostStatus = z.infer<typeof HostStatus>;

/** Something about a host that a person should know: a version with known holes, a missing pool. */
export const HostWarning = z
  .object({
    code: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    message: z.string(),
    hint: z.string(),
  })
  .meta({ id: 'HostWarning' });
export type HostWarning = z.infer<typeof HostWarning>;

/** A storage pool of a host as last read; sizes in bytes, null where the driver does not tell. */
export const StoragePool = z
  .object({
    name: z.string(),
    driver: z.string(),
    totalBytes: z.number().nullable(),
    usedBytes: z.number().nullable(),
  })
  .meta({ id: 'StoragePool' });
export type StoragePool = z.infer<typeof StoragePool>;

/** Size and use of a host as last read; memory in bytes. */
export const HostResources = z
  .object({
    cpuThreads: z.int(),
    memoryTotalBytes: z.number(),
    memoryUsedBytes: z.number(),
    cpuUsedPercent: z
      .number()
      .nullable()
      .default(null)
      .describe(
        'What its instances took of all CPU threads over the last minute, 0 to 100; null: not known.',
      ),
    pools: z.array(StoragePool),
  })
  .meta({ id: 'HostResources' });
export type HostResources = z.infer<typeof HostResources>;

/** An LXD or Incus server of the fleet. */
export const Host = z
  .object({
    id: Id,
    name: z.string(),
    kind: z.enum(['lxd', 'incus']),
    url: z.string().describe('`https://ADDRESS:PORT`, or `unix:/PATH` for a local socket.'),
    fingerprint: z
      .string()
      .nullable()
      .describe('SHA-256 of the pinned server certificate; null for a local socket.'),
    seenFingerprint: z
      .string()
      .nullable()
      .describe('What a quarantined host shows instead of the pinned one: compare, then re-pin.'),
    status: HostStatus,
    statusReason: z.string().nullable(),
    statusSince: Timestamp,
    maintenance: z
      .boolean()
      .describe('No placement and no changes by Longshore, apart from stops and moves away.'),
    labels: Labels,
    version: z.string(),
    architectures: z.array(z.string()),
    warnings: z.array(HostWarning),
    resources: HostResources.nullable(),
    lxdProjects: z.array(z.string()),
    profiles: z.array(z.object({ lxdProject: z.string(), name: z.string() })),
    networks: z.array(
      z.object({ lxdProject: z.string(), name: z.string(), type: z.string(), managed: z.boolean() }),
    ),
    instances: z.object({ total: z.int(), running: z.int() }),
    observedAt: Timestamp.nullable().describe('The last full read, or the last event of a live stream.'),
    createdAt: Timestamp,
    revision: z.int().describe('Grows with each change by a person; the ETag.'),
  })
  .meta({ id: 'Host' });
export type Host = z.infer<typeof Host>;

/**
 * How a host is reached and made to trust us. A trust token carries the fingerprint, so nothing is sent to a server
 * with another certificate; a password needs the fingerprint that the person has confirmed.
 */
export const HostEnrolment = z
  .strictObject({
    name: HostName.optional().describe("Default: the server's own name."),
    labels: Labels.optional(),
    access: z.discriminatedUnion('by', [
      z.strictObject({
        by: z.literal('token'),
        token: z.string().min(16).max(8192),
        url: HttpsUrl.optional(),
      }),
      z.strictObject({
        by: z.literal('password'),
        url: HttpsUrl,
        password: z.string().min(1).max(512),
        fingerprint: Fingerprint,
      }),
      z.strictObject({ by: z.literal('trusted'), url: HttpsUrl, fingerprint: Fingerprint }),
      z.strictObject({ by: z.literal('socket'), path: z.string().startsWith('/').max(107) }),
    ]),
  })
  .meta({ id: 'HostEnrolment' });
export type HostEnrolment = z.infer<typeof HostEnrolment>;

/** What a person may change on a host. */
export const HostPatch = z
  .strictObject({ name: HostName, labels: Labels, maintenance: z.boolean() })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field')
  .meta({ id: 'HostPatch' });
export type HostPatch = z.infer<typeof HostPatch>;

/** What a look at a server told before anything was sent to it but `GET /1.0`. */
export const HostProbe = z
  .object({
    url: z.string(),
    fingerprint: z.string().nullable(),
    kind: z.enum(['lxd', 'incus']),
    version: z.string().nullable().describe('Null where an untrusted client is not told.'),
    trusted: z.boolean(),
    passwordPossible: z.boolean(),
    enrolledAs: Id.nullable(),
  })
  .meta({ id: 'HostProbe' });
export type HostProbe = z.infer<typeof HostProbe>;

/** A local LXD or Incus socket that could be adopted. */
export const LocalSocket = z
  .object({ path: z.string(), kind: z.enum(['lxd', 'incus']), enrolledAs: Id.nullable() })
  .meta({ id: 'LocalSocket' });
export type LocalSocket = z.infer<typeof LocalSocket>;
