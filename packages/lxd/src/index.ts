export type { Certificate } from './api/certificate.ts';
export type { ResourceRef } from './api/envelope.ts';
export type { LxdEvent, LxdEventType } from './api/event.ts';
export type { Image, ImageAlias, ImageCreate, ImageCreateSource, ImageEdit } from './api/image.ts';
export type {
  Backup,
  ImageSource,
  Instance,
  InstanceCreate,
  InstanceEdit,
  InstanceFull,
  InstanceSource,
  InstanceState,
  MigrationSource,
  Snapshot,
} from './api/instance.ts';
export type { Network, NetworkCreate, NetworkEdit, NetworkLease } from './api/network.ts';
export { isFinal, type Operation, type OperationRef } from './api/operation.ts';
export type { Profile, ProfileEdit } from './api/profile.ts';
export type { Project, Resources, Warning } from './api/server.ts';
export type {
  StoragePool,
  StoragePoolCreate,
  StoragePoolEdit,
  StoragePoolResources,
} from './api/storage-pool.ts';
export type { CallOptions, ListOptions, ProjectOptions, Tagged, UpdateOptions } from './call-options.ts';
export type { Certificates, TrustRequest, TrustScope } from './certificates.ts';
export { type ClientCertificate, type Endpoint, fingerprintOf, normalizeFingerprint } from './endpoint.ts';
export { EventStream, type EventStreamOptions, type EventStreamState } from './event-stream.ts';
export type { ImageAliases, ImageDownload, Images, ImageUpload } from './images.ts';
export type { Backups, Download } from './instance-backups.ts';
export type { ConsoleOptions, ConsoleSession } from './instance-console.ts';
export type { ExecOptions, ExecResult, InteractiveExecOptions, InteractiveSession } from './instance-exec.ts';
export type { FileAttributes, FileWrite, InstanceFile, InstanceFiles } from './instance-files.ts';
export type { Snapshots } from './instance-snapshots.ts';
export type { InstanceListOptions, InstanceStateChange, Instances } from './instances.ts';
export { createLxdClient, type LxdClient, type LxdClientOptions } from './lxd-client.ts';
export { isLxdError, LxdError, type LxdErrorCode } from './lxd-error.ts';
export {
  type Migration,
  type MigrationOffer,
  type MigrationScope,
  migrationPullSource,
  migrationPushSource,
  operationUrl,
} from './migration.ts';
export type { RelayOptions, RelayProgress } from './migration-relay.ts';
export type { Networks } from './networks.ts';
export type { Operations, WaitOptions } from './operations.ts';
export { type ProbedServer, probeServer } from './probe-server.ts';
export type { Profiles } from './profiles.ts';
export type { Projects } from './projects.ts';
export type { ServerApi, ServerInfo } from './server.ts';
export { readSimplestreams, type SimplestreamsProduct } from './simplestreams.ts';
export type { StoragePools } from './storage-pools.ts';
export { formatTrustToken, parseTrustToken, type TrustToken } from './trust-token.ts';
