import { z } from 'zod';
import { HttpsUrl, Id, InstanceName, Labels, LxdProject, SnapshotName, Timestamp } from '../names.ts';
import { HostStatus } from './host.ts';
import { ProjectReference } from './project.ts';

/** State of an instance as last observed; `missing`: its host no longer has it; `pending`: not made yet. */
export const InstanceStatus = z
  .enum(['pending', 'running', 'stopped', 'frozen', 'starting', 'stopping', 'error', 'unknown', 'missing'])
  .meta({ id: 'InstanceStatus' });
export type InstanceStatus = z.infer<typeof InstanceStatus>;

export const InstanceType = z.enum(['container', 'virtual-machine']).meta({ id: 'InstanceType' });
export type InstanceType = z.infer<typeof InstanceType>;

/** The line of an instance in a list: what a table shows; what is null, false, zero or empty is left out. Its host is in the page's `hosts`. */
export const InstanceSummary = z
  .object({
    id: Id,
    name: z.string(),
    hostId: Id,
    projectId: Id.nullable()
      .default(null)
      .describe('The project that it belongs to; null: only fleet roles see it.'),
    lxdProject: z.string(),
    type: InstanceType,
    status: InstanceStatus,
    claimed: z
      .boolean()
      .default(false)
      .describe('False for what was found on a host and no person has taken over.'),
    protected: z.boolean().default(false),
    labels: Labels.default({}),
    addresses: z.array(z.string()).describe('Global addresses, IPv4 first.'),
    image: z
      .string()
      .nullable()
      .default(null)
      .describe('What it was made from, as the image describes itself.'),
    cpu: z.string().nullable().default(null).describe('`limits.cpu`'),
    memory: z.string().nullable().default(null).describe('`limits.memory`'),
    snapshots: z.int().default(0),
    createdAt: Timestamp.nullable().default(null),
    expiresAt: Timestamp.nullable().default(null).describe('When it is stopped for good; null: never.'),
    observedAt: Timestamp.nullable().default(null),
    operationId: Id.nullable().default(null).describe('The unfinished operation on it.'),
  })
  .meta({ id: 'InstanceSummary' });
export type InstanceSummary = z.infer<typeof InstanceSummary>;

/** Configuration keys and values as LXD has them (`doc/reference/instance_options`). */
export const InstanceConfig = z
  .record(z.string().min(1).max(255), z.string().max(1_048_576))
  .refine(
    (config) => !Object.keys(config).some((key) => key.startsWith('volatile.')),
    'volatile.* belongs to the host',
  )
  .meta({ id: 'InstanceConfig' });
export type InstanceConfig = z.infer<typeof InstanceConfig>;

/** Devices by name, each with its options as LXD has them. */
export const Devices = z
  .record(z.string().min(1).max(64), z.record(z.string().min(1).max(255), z.string().max(4096)))
  .meta({ id: 'Devices' });
export type Devices = z.infer<typeof Devices>;

export const Snapshot = z
  .object({
    name: z.string(),
    createdAt: Timestamp.nullable(),
    expiresAt: Timestamp.nullable(),
    stateful: z.boolean(),
  })
  .meta({ id: 'Snapshot' });
export type Snapshot = z.infer<typeof Snapshot>;

export const InstanceAddress = z
  .object({
    device: z.string().describe('Interface in the guest.'),
    address: z.string(),
    family: z.enum(['ipv4', 'ipv6']),
    scope: z.enum(['global', 'link', 'local']),
  })
  .meta({ id: 'InstanceAddress' });
export type InstanceAddress = z.infer<typeof InstanceAddress>;

/** An instance whole. `config` and `devices` are its own; `profiles` add theirs on the host. */
export const Instance = InstanceSummary.omit({ snapshots: true, addresses: true })
  .extend({
    host: z.object({ id: Id, name: z.string(), status: HostStatus, observedAt: Timestamp.nullable() }),
    description: z.string(),
    architecture: z.string().nullable(),
    ephemeral: z.boolean(),
    profiles: z.array(z.string()),
    config: z.record(z.string(), z.string()),
    devices: z.record(z.string(), z.record(z.string(), z.string())),
    addresses: z.array(InstanceAddress),
    snapshots: z.array(Snapshot),
    placementReason: z.string().nullable(),
    missingSince: Timestamp.nullable(),
    revision: z.int(),
  })
  .meta({ id: 'Instance' });
export type Instance = z.infer<typeof Instance>;

/** Where an instance shall be: a host by name or identifier, or the best of those that bear the labels. */
export const Placement = z
  .strictObject({ host: z.string().min(1).max(63), labels: Labels })
  .partial()
  .meta({ id: 'Placement' });
export type Placement = z.infer<typeof Placement>;

/** Where an image comes from: an alias or fingerprint in the fleet, or on a simplestreams or LXD server. */
export const ImageSource = z
  .strictObject({
    image: z.string().min(1).max(255).describe('Alias or fingerprint (at least 12 digits).'),
    server: HttpsUrl.optional().describe('Remote server; without it, the chosen host and then the fleet.'),
    protocol: z.enum(['simplestreams', 'lxd']).optional(),
  })
  .meta({ id: 'ImageSource' });
export type ImageSource = z.infer<typeof ImageSource>;

/** Size of an instance; becomes `limits.cpu`, `limits.memory` and the root disk's `size`. */
export const Limits = z
  .strictObject({
    cpu: z
      .string()
      .regex(/^[0-9]+$|^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$/, 'a number of CPUs, or a set such as 0-3'),
    memory: z.string().regex(/^[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB|%)?$/, 'a size such as 512MiB'),
    disk: z.string().regex(/^[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?$/, 'a size such as 10GiB'),
  })
  .partial()
  .meta({ id: 'Limits' });
export type Limits = z.infer<typeof Limits>;

/** What to make. Without `source`, an instance without an operating system (virtual machines only). */
export const InstanceCreation = z
  .strictObject({
    name: InstanceName,
    type: InstanceType.default('container'),
    source: ImageSource,
    project: ProjectReference.optional().describe('Who has no role on the whole fleet must name one.'),
    expiresAt: Timestamp.nullable()
      .optional()
      .describe('Stopped then. Without it, what the project says; null: never.'),
    placement: Placement.default({}),
    lxdProject: LxdProject.default('default'),
    profiles: z.array(z.string().min(1).max(64)).max(32).default(['default']),
    config: InstanceConfig.default({}),
    devices: Devices.default({}),
    limits: Limits.default({}),
    cloudInit: z
      .strictObject({
        userData: z.string().max(1_048_576),
        vendorData: z.string().max(1_048_576),
        networkConfig: z.string().max(1_048_576),
      })
      .partial()
      .default({}),
    description: z.string().max(1024).default(''),
    labels: Labels.default({}),
    ephemeral: z.boolean().default(false),
    protected: z.boolean().default(false),
    start: z.boolean().default(true),
  })
  .meta({ id: 'InstanceCreation' });
export type InstanceCreation = z.infer<typeof InstanceCreation>;

/** What a person may change without the host: Longshore's own facts about an instance. */
export const InstancePatch = z
  .strictObject({
    labels: Labels,
    protected: z.boolean(),
    claimed: z.literal(true),
    project: ProjectReference.nullable().describe(
      'Where it shall belong; null: nowhere. Needs the whole fleet or both.',
    ),
    expiresAt: Timestamp.nullable(),
  })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field')
  .meta({ id: 'InstancePatch' });
export type InstancePatch = z.infer<typeof InstancePatch>;

/** A change of configuration: named keys are set, `null` removes one; what is not named stays. */
export const InstanceConfiguration = z
  .strictObject({
    config: z.record(z.string().min(1).max(255), z.string().max(1_048_576).nullable()),
    devices: z.record(
      z.string().min(1).max(64),
      z.record(z.string().min(1).max(255), z.string().max(4096)).nullable(),
    ),
    profiles: z.array(z.string().min(1).max(64)).max(32),
    limits: Limits,
    description: z.string().max(1024),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'name at least one field')
  .refine(
    (change) => !Object.keys(change.config ?? {}).some((key) => key.startsWith('volatile.')),
    'volatile.* belongs to the host',
  )
  .meta({ id: 'InstanceConfiguration' });
export type InstanceConfiguration = z.infer<typeof InstanceConfiguration>;

/** Power actions. `force` only when asked; without it a guest gets `timeoutSeconds` to end by itself. */
export const PowerAction = z
  .strictObject({
    action: z.enum(['start', 'stop', 'restart', 'freeze', 'unfreeze']),
    force: z.boolean().default(false),
    timeoutSeconds: z.int().min(1).max(3600).default(60),
  })
  .meta({ id: 'PowerAction' });
export type PowerAction = z.infer<typeof PowerAction>;

/** A move to another host; `start` says whether it runs afterwards (default: as it was). */
export const InstanceMove = z
  .strictObject({
    placement: Placement,
    via: z.enum(['auto', 'direct', 'relay']).default('auto').describe('Host to host, or through Longshore.'),
    force: z.boolean().default(false).describe('Cut the power where the guest does not stop by itself.'),
  })
  .meta({ id: 'InstanceMove' });
export type InstanceMove = z.infer<typeof InstanceMove>;

export const InstanceCopy = z
  .strictObject({
    name: InstanceName,
    project: ProjectReference.optional().describe("Default: the original's."),
    placement: Placement.default({}),
    snapshot: SnapshotName.optional().describe('Copy this snapshot instead of the present state.'),
    labels: Labels.default({}),
    start: z.boolean().default(false),
  })
  .meta({ id: 'InstanceCopy' });
export type InstanceCopy = z.infer<typeof InstanceCopy>;

export const SnapshotCreation = z
  .strictObject({
    name: SnapshotName,
    stateful: z.boolean().default(false),
    expiresAt: Timestamp.nullable().default(null),
  })
  .meta({ id: 'SnapshotCreation' });
export type SnapshotCreation = z.infer<typeof SnapshotCreation>;

/** An export kept by Longshore until it is deleted or expires. */
export const InstanceExport = z
  .object({
    id: Id,
    instanceId: Id,
    instanceName: z.string(),
    sizeBytes: z.number(),
    sha256: z.string(),
    createdAt: Timestamp,
    expiresAt: Timestamp,
  })
  .meta({ id: 'InstanceExport' });
export type InstanceExport = z.infer<typeof InstanceExport>;
