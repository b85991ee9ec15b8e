import { z } from 'zod';
import { devicesSchema, nullableArray, stringMapSchema } from './envelope.ts';

/** What can be edited of an instance. Source: LXD api/instance.go `InstancePut`. */
const editable = {
  architecture: z.string().default(''),
  config: stringMapSchema,
  devices: devicesSchema,
  ephemeral: z.boolean().default(false),
  profiles: nullableArray(z.string()),
  stateful: z.boolean().default(false),
  description: z.string().default(''),
};

/** Source: LXD api/instance.go `Instance`. `status_code`: 101 created … 102 stopped, 103 running, 110 frozen, 112 error. */
export const instanceSchema = z.object({
  name: z.string().min(1),
  type: z.string(),
  status: z.string(),
  status_code: z.number().int(),
  project: z.string().default('default'),
  location: z.string().default(''),
  created_at: z.string().default(''),
  last_used_at: z.string().default(''),
  expanded_config: stringMapSchema,
  expanded_devices: devicesSchema,
  ...editable,
});
export type Instance = z.infer<typeof instanceSchema>;

/** Addresses and counters of one NIC as the guest has them. Source: LXD api/instance_state.go. */
export const networkStateSchema = z.object({
  addresses: nullableArray(
    z.object({ family: z.string(), address: z.string(), netmask: z.string().default(''), scope: z.string() }),
  ),
  counters: z
    .object({
      bytes_received: z.number().default(0),
      bytes_sent: z.number().default(0),
      packets_received: z.number().default(0),
      packets_sent: z.number().default(0),
    })
    .optional(),
  hwaddr: z.string().default(''),
  host_name: z.string().default(''),
  mtu: z.number().default(0),
  state: z.string().default(''),
  type: z.string().default(''),
});

/** Source: LXD api/instance_state.go. Bytes, nanoseconds of CPU. `network` is null while stopped. */
export const instanceStateSchema = z.object({
  status: z.string(),
  status_code: z.number().int(),
  pid: z.number().default(0),
  processes: z.number().default(0),
  cpu: z.object({ usage: z.number().default(0) }).default({ usage: 0 }),
  memory: z
    .object({
      usage: z.number().default(0),
      usage_peak: z.number().default(0),
      total: z.number().default(0),
      swap_usage: z.number().default(0),
    })
    .optional(),
  disk: z
    .record(z.string(), z.object({ usage: z.number().default(0), total: z.number().default(0) }))
    .nullish()
    .transform((d) => d ?? {}),
  network: z
    .record(z.string(), networkStateSchema)
    .nullish()
    .transform((n) => n ?? {}),
});
export type InstanceState = z.infer<typeof instanceStateSchema>;

/** Source: LXD api/instance_snapshot.go. `name` is the snapshot's own name, without the instance's. */
export const snapshotSchema = z.object({
  name: z
    .string()
    .min(1)
    .transform((name) => name.slice(name.lastIndexOf('/') + 1)),
  created_at: z.string().default(''),
  expires_at: z.string().default(''),
  last_used_at: z.string().default(''),
  size: z.number().default(-1),
  ...editable,
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** Source: LXD api/instance_backup.go. */
export const backupSchema = z.object({
  name: z
    .string()
    .min(1)
    .transform((name) => name.slice(name.lastIndexOf('/') + 1)),
  created_at: z.string().default(''),
  expires_at: z.string().default(''),
  instance_only: z.boolean().default(false),
  optimized_storage: z.boolean().default(false),
});
export type Backup = z.infer<typeof backupSchema>;

/** An instance with all of it (`recursion=2`). `state` is null where the server could not read it. */
export const instanceFullSchema = instanceSchema.extend({
  state: instanceStateSchema.nullish().transform((s) => s ?? null),
  snapshots: nullableArray(snapshotSchema),
  backups: nullableArray(backupSchema),
});
export type InstanceFull = z.infer<typeof instanceFullSchema>;

/** Fields of an instance that PUT replaces as a whole; PATCH takes any part of it. */
export type InstanceEdit = Partial<Pick<Instance, keyof typeof editable>>;

/** Where a new instance comes from. Source: LXD api/instance.go `InstanceSource`. */
export type InstanceSource =
  | { readonly type: 'none' }
  | ImageSource
  | {
      readonly type: 'copy';
      /** `name` or `name/snapshot`. */
      readonly source: string;
      readonly project?: string;
      readonly instance_only?: boolean;
      readonly refresh?: boolean;
    }
  | MigrationSource;

/** An image of this server (no `server`), or one it fetches by itself. */
export type ImageSource = {
  readonly type: 'image';
  readonly alias?: string;
  readonly fingerprint?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly mode?: 'pull' | 'local';
  readonly server?: string;
  readonly protocol?: 'lxd' | 'incus' | 'simplestreams';
  readonly secret?: string;
  readonly certificate?: string;
  readonly project?: string;
};

/** Another server's instance: made by `migrationPullSource` and `migrationPushSource`. */
export type MigrationSource = {
  readonly type: 'migration';
  readonly mode: 'pull' | 'push';
  readonly operation?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly certificate?: string;
  readonly 'base-image'?: string;
  readonly live?: boolean;
  readonly instance_only?: boolean;
  readonly refresh?: boolean;
  readonly allow_inconsistent?: boolean;
};

/** Body of `POST /1.0/instances`. Source: LXD api/instance.go `InstancesPost`. */
export type InstanceCreate = InstanceEdit & {
  readonly name?: string;
  readonly type?: 'container' | 'virtual-machine';
  readonly instance_type?: string;
  readonly source: InstanceSource;
};
