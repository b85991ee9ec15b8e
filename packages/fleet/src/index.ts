// Putting the room to work.

// Moves, copies, images, files, bulk.
export { bulk } from './bulk/bulk.ts';
export { type CopyRequest, copyInstance } from './copies/copy-instance.ts';
export { createFleet, type Fleet, type FleetOptions } from './create-fleet.ts';
// Questions to hosts.
export { listInstanceLogs, readInstanceLog } from './errands/instance-logs.ts';
export { exportInstance } from './exports/export-instance.ts';
export { type ImportRequest, importInstance } from './exports/import-instance.ts';
export {
  deleteExport,
  isExportWithin,
  listExports,
  type OpenExport,
  openExport,
} from './exports/read-exports.ts';
export { createFleetContext, type FleetContext, type FleetContextOptions } from './fleet-context.ts';
export { fleetMigrations } from './fleet-migrations.ts';
// Keys in guests.
export type { GuestKey, GuestKeySource, GuestKeysPlace, GuestPlace } from './guest-keys/guest-key.ts';
export {
  countGuestKeys,
  type LoginPlaces,
  readGuestKeys,
  readProjectAccess,
} from './guest-keys/read-guest-keys.ts';
export { requestGuestKeys } from './guest-keys/request-guest-keys.ts';
export { setInstanceAccess, setProjectAccess } from './guest-keys/set-ssh-access.ts';
export { importHostKeys, rotateHostKeys } from './host-keys/change-host-keys.ts';
export { listHostKeys } from './host-keys/host-keys-rows.ts';
export { knownHosts } from './host-keys/known-hosts.ts';
// Hosts.
export { enrolHost } from './hosts/enrol-host.ts';
export { findHostId, hostNames } from './hosts/host-names.ts';
export { listLocalSockets } from './hosts/local-sockets.ts';
export { probeHost } from './hosts/probe-host.ts';
export { rePinHost } from './hosts/re-pin-host.ts';
export { countHosts, getHost, listHosts } from './hosts/read-hosts.ts';
export { removeHost } from './hosts/remove-host.ts';
export { syncHost } from './hosts/sync-host.ts';
export { updateHost } from './hosts/update-host.ts';
export { copyImage } from './images/copy-image.ts';
export { listImages } from './images/list-images.ts';
export { removeImage } from './images/remove-image.ts';
export type { Installation } from './installation/installation.ts';
// Instances.
export { configureInstance } from './instances/configure-instance.ts';
export { createInstance } from './instances/create-instance.ts';
export { deleteInstance } from './instances/delete-instance.ts';
export { getInstance, isInstanceWithin } from './instances/get-instance.ts';
export { type InstancePageText, listInstances } from './instances/list-instances.ts';
export { powerInstance } from './instances/power-instance.ts';
export { renameInstance } from './instances/rename-instance.ts';
export { createSnapshot, deleteSnapshot, restoreSnapshot } from './instances/snapshots.ts';
export { updateInstance } from './instances/update-instance.ts';
export type { ListQuery, Page } from './lists/page.ts';
export { type Reach, reachesInstance } from './lists/reach.ts';
export { type MoveRequest, moveInstance } from './moves/move-instance.ts';
// Operations.
export type { Accepted, Requester, WitnessedChange } from './operations/accept.ts';
export { cancelOperation } from './operations/cancel-operation.ts';
export {
  countUnfinishedOperations,
  getOperation,
  isOperationWithin,
  listOperations,
} from './operations/read-operations.ts';
export { waitOperation } from './operations/wait-operation.ts';
// Projects.
export { createProject, deleteProject, updateProject } from './projects/change-projects.ts';
export {
  findProjectId,
  getProject,
  listProjects,
  noProject,
  projectNames,
} from './projects/read-projects.ts';
export { type Reaching, refuseHostReach } from './projects/refuse-host-reach.ts';
export { sealedColumns } from './sealed-columns.ts';
// Sync.
export type { ForeignChange } from './sync/foreign-change.ts';
export type { SessionState } from './sync/session-state.ts';
export type { SyncMetrics } from './sync/sync-metrics.ts';
// Use.
export { fleetUse, type HistoryChoice, hostUse } from './use/host-use.ts';
export { lookAtInstance } from './use/look-at-instance.ts';
