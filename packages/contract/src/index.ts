export { type CallInput, type CallReply, type Client, type ClientOptions, createClient } from './client.ts';
export {
  CONSOLE_ENDINGS,
  CONSOLE_INPUT_WINDOW_BYTES,
  CONSOLE_PROTOCOL,
  CONSOLE_WINDOW,
  type ConsoleEnding,
  ConsoleNotice,
  ConsoleRequest,
  consoleEndingOf,
} from './console-frames.ts';
export { ERROR_CODES, type ErrorCode, errorCodes } from './error-codes.ts';
export type { EventStreamOptions } from './event-stream.ts';
export {
  AUDIT_FILTERS,
  DNS_NAME_FILTERS,
  type FilterTerm,
  HOST_FILTERS,
  IMAGE_FILTERS,
  INSTANCE_FILTERS,
  OPERATION_FILTERS,
  PEOPLE_FILTERS,
  PROJECT_FILTERS,
  parseFilter,
} from './filter.ts';
export {
  Fingerprint,
  HostName,
  HttpsUrl,
  Id,
  InstanceName,
  Labels,
  LxdProject,
  SnapshotName,
  Timestamp,
} from './names.ts';
export {
  type ConsoleConnection,
  type ConsoleSocket,
  type ConsoleState,
  type OpenConsoleOptions,
  openConsole,
} from './open-console.ts';
export { openApi } from './openapi.ts';
export { MAX_PAGE, pageOf, pageQuery } from './page.ts';
export { PERMISSIONS, type Permission, scopesPermit } from './permissions.ts';
export { Failure, failureOf, LongshoreError, Problem, problemOf } from './problem.ts';
export { AuditEntry, AuditSettings } from './resources/audit.ts';
export {
  ConsoleCreation,
  ConsoleSession,
  ConsoleTicket,
  ConsoleType,
  TerminalSize,
} from './resources/console.ts';
export { DeviceLogin, DeviceLoginBegun, DeviceLoginResult } from './resources/device-login.ts';
export {
  DNS_RECORD_TYPES,
  DnsDelegation,
  DnsExplanation,
  DnsKey,
  DnsKeyCreation,
  DnsName,
  DnsRecord,
  DnsRecordCreation,
  DnsRecordPatch,
  DnsRecordType,
  DnsZone,
  DnsZoneCreation,
  DnsZonePatch,
  DnsZoneReference,
  DomainName,
  NewDnsKey,
} from './resources/dns.ts';
export { FleetEvent } from './resources/event.ts';
export {
  Host,
  HostEnrolment,
  HostPatch,
  HostProbe,
  HostResources,
  HostStatus,
  HostWarning,
  LocalSocket,
  StoragePool,
} from './resources/host.ts';
export {
  IdentityProvider,
  IdentityProviderCreation,
  IdentityProviderPatch,
  IdentityProviderTest,
} from './resources/identity-provider.ts';
export { Image, ImageCopy, ImageRemoval } from './resources/image.ts';
export {
  Devices,
  ImageSource,
  Instance,
  InstanceAddress,
  InstanceConfig,
  InstanceConfiguration,
  InstanceCopy,
  InstanceCreation,
  InstanceExport,
  InstanceMove,
  InstancePatch,
  InstanceStatus,
  InstanceSummary,
  InstanceType,
  Limits,
  Placement,
  PowerAction,
  Snapshot,
  SnapshotCreation,
} from './resources/instance.ts';
export {
  Bulk,
  BulkAction,
  FINAL_OPERATION_STATUSES,
  Operation,
  OperationAction,
  OperationStatus,
  OperationStep,
} from './resources/operation.ts';
export {
  LinkedIdentity,
  Me,
  Passkey,
  PasskeyChallenge,
  PasskeyLogin,
  PasskeyRegistration,
  PasswordLogin,
  Person,
  PersonCreation,
  PersonStatus,
  SecondFactor,
  SecondFactorSetup,
  Session,
} from './resources/person.ts';
export {
  Project,
  ProjectCreation,
  ProjectName,
  ProjectPatch,
  ProjectReference,
  ProjectUse,
  Quota,
} from './resources/project.ts';
export {
  Binding,
  BindingCreation,
  EVERY_ROLE_PERMISSIONS,
  FLEET_ROLE_PERMISSIONS,
  FLEET_ROLES,
  type FleetRole,
  MemberCreation,
  MyAccess,
  PART_ROLE_PERMISSIONS,
  PART_ROLES,
  type PartRole,
  RoleScope,
  Subject,
} from './resources/role.ts';
export {
  SshHostKey,
  SshHostKeyImport,
  SshHostKeyRotation,
  SshHostKeyType,
} from './resources/ssh-host-key.ts';
export {
  GuestKeysState,
  GuestUserName,
  InstanceSshKeys,
  SshAccess,
  SshKey,
  SshKeyCreation,
  SshKeyList,
  SshKeySource,
  SshKeyType,
} from './resources/ssh-key.ts';
export {
  NewToken,
  OwnTokenCreation,
  ProjectTokenCreation,
  Scope,
  SetupRedemption,
  Token,
  TokenCreation,
} from './resources/token.ts';
export { InstanceLog, InstanceUse, LogName, UseHistory, UsePoint, UseSample } from './resources/use.ts';
export { defineRoute, type Method, type Route } from './route.ts';
export { AcceptedInstance, InstancePage } from './routes/instances.ts';
export { Accepted } from './routes/schemas.ts';
export { ServerInfo } from './routes/server.ts';
export { type RouteId, type Routes, routes } from './routes.ts';
export { waitForOperation } from './wait-for-operation.ts';
