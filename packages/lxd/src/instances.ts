import { z } from 'zod';
import { type ResourceRef, resourceUrlSchema } from './api/envelope.ts';
import {
  type Instance,
  type InstanceCreate,
  type InstanceEdit,
  type InstanceFull,
  type InstanceState,
  instanceFullSchema,
  instanceSchema,
  instanceStateSchema,
} from './api/instance.ts';
import type { OperationRef } from './api/operation.ts';
import { apiPath, projectQuery } from './api-path.ts';
import type { CallOptions, ListOptions, ProjectOptions, Tagged, UpdateOptions } from './call-options.ts';
import { type Backups, createBackups } from './instance-backups.ts';
import { type ConsoleOptions, type ConsoleSession, openConsole } from './instance-console.ts';
import {
  type ExecOptions,
  type ExecResult,
  type InteractiveExecOptions,
  type InteractiveSession,
  runCommand,
  startInteractive,
} from './instance-exec.ts';
import { createInstanceFiles, type InstanceFiles } from './instance-files.ts';
import { createInstanceLogs, type InstanceLogs } from './instance-logs.ts';
import { createSnapshots, type Snapshots } from './instance-snapshots.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { Transport } from './transport.ts';

/** How much of each instance: 0 its name, 1 its record, 2 also state, snapshots and backups (dear: about 5 ms of the host's CPU each). */
export type InstanceListOptions = ListOptions & {
  /** Server-side filter in LXD's language, such as `status eq running and name eq web.*`. */
  readonly filter?: string | undefined;
  /**
   * Recursion 2 only: which dear parts of the state to read; an empty list reads none. Servers without the extension
   * `instances_state_selective_recursion` ignore it and send everything.
   */
  readonly fields?: readonly ('state.disk' | 'state.network')[] | undefined;
};

/** A state change asked for. `timeoutSeconds` is the server's patience with the guest; -1 waits for ever. */
export type InstanceStateChange = {
  readonly action: 'start' | 'stop' | 'restart' | 'freeze' | 'unfreeze';
  readonly force?: boolean;
  readonly timeoutSeconds?: number;
  /** Keep (stop) or take up (start) the runtime state. */
  readonly stateful?: boolean;
};

/** Containers and virtual machines. Names are those on the server, within a project. */
export type Instances = InstanceLogs & {
  list(options: InstanceListOptions & { readonly recursion: 0 }): Promise<readonly ResourceRef[]>;
  list(options?: InstanceListOptions & { readonly recursion?: 1 }): Promise<readonly Instance[]>;
  list(options: InstanceListOptions & { readonly recursion: 2 }): Promise<readonly InstanceFull[]>;
  get(name: string, options?: ProjectOptions): Promise<Tagged<Instance>>;
  /** The instance with state, snapshots and backups in one call. Needs the extension `instance_get_full` (LXD 5.0 has it). */
  getFull(name: string, options?: ProjectOptions): Promise<Tagged<InstanceFull>>;
  create(
    body: InstanceCreate,
    options?: ProjectOptions & { readonly target?: string },
  ): Promise<OperationRef>;
  /** Replaces all that can be edited (PUT): pass the whole of what was read. */
  update(name: string, body: InstanceEdit, options?: UpdateOptions): Promise<OperationRef>;
  /** Changes parts; in `config` an empty string unsets a key. Returns when done. */
  patch(name: string, body: InstanceEdit, options?: UpdateOptions): Promise<void>;
  rename(name: string, newName: string, options?: ProjectOptions): Promise<OperationRef>;
  /** Throws `bad-request` while it runs. */
  delete(name: string, options?: ProjectOptions): Promise<OperationRef>;
  state(name: string, options?: ProjectOptions): Promise<InstanceState>;
  setState(name: string, change: InstanceStateChange, options?: UpdateOptions): Promise<OperationRef>;
  /**
   * Runs a command to its end. Its deadline (`timeoutMs`, default: the client's) kills it. Throws `too-large` when it
   * says more than `maxOutputBytes`. Any exit code is a result, not an error.
   */
  exec(name: string, options: ExecOptions): Promise<ExecResult>;
  /** Runs a command in a terminal. */
  execInteractive(name: string, options: InteractiveExecOptions): Promise<InteractiveSession>;
  /** Attaches to the console. Throws `conflict` where another one is attached and `force` is not given. */
  console(name: string, options: ConsoleOptions): Promise<ConsoleSession>;
  readonly files: InstanceFiles;
  readonly snapshots: Snapshots;
  readonly backups: Backups;
};

export function createInstances(
  transport: Transport,
  operations: Operations,
  hasExtension: (name: string, options: CallOptions) => Promise<boolean>,
): Instances {
  function list(options: InstanceListOptions & { readonly recursion: 0 }): Promise<readonly ResourceRef[]>;
  function list(options?: InstanceListOptions & { readonly recursion?: 1 }): Promise<readonly Instance[]>;
  function list(options: InstanceListOptions & { readonly recursion: 2 }): Promise<readonly InstanceFull[]>;
  function list(
    options: InstanceListOptions & { readonly recursion?: 0 | 1 | 2 } = {},
  ): Promise<readonly ResourceRef[] | readonly Instance[] | readonly InstanceFull[]> {
    const recursion = options.recursion ?? 1;
    const request = {
      path: '/1.0/instances',
      query: { recursion, filter: options.filter, ...projectQuery(options) },
    };
    switch (recursion) {
      case 0:
        return transport.get(request, z.array(resourceUrlSchema), options);
      case 1:
        return transport.get(request, z.array(instanceSchema), options);
      case 2:
        return listFull(options);
    }
  }

  async function listFull(options: InstanceListOptions): Promise<readonly InstanceFull[]> {
    const { fields, signal, timeoutMs } = options;
    // LXD 5.0 takes `2;fields=…` for no recursion at all, so it must be known to understand it.
    const selective =
      fields && (await hasExtension('instances_state_selective_recursion', { signal, timeoutMs }));
    const query = {
      recursion: selective ? `2;fields=${fields.join(',')}` : 2,
      filter: options.filter,
      ...projectQuery(options),
    };
    return await transport.get({ path: '/1.0/instances', query }, z.array(instanceFullSchema), options);
  }

  const query = (options: ProjectOptions): { project: string | undefined } => ({ project: options.project });

  return {
    list,
    get: (name, options = {}) =>
      transport.getTagged(
        { path: apiPath`/1.0/instances/${name}`, query: query(options) },
        instanceSchema,
        options,
      ),
    getFull: (name, options = {}) =>
      transport.getTagged(
        { path: apiPath`/1.0/instances/${name}`, query: { recursion: 1, ...query(options) }, single: true },
        instanceFullSchema,
        options,
      ),
    create: (body, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: '/1.0/instances',
          query: { ...query(options), target: options.target },
          json: body,
        },
        options,
      ),
    update: (name, body, options = {}) =>
      transport.start(
        {
          method: 'PUT',
          path: apiPath`/1.0/instances/${name}`,
          query: query(options),
          json: body,
          etag: options.etag,
        },
        options,
      ),
    patch: (name, body, options = {}) =>
      changeAndWait(
        transport,
        operations,
        {
          method: 'PATCH',
          path: apiPath`/1.0/instances/${name}`,
          query: query(options),
          json: body,
          etag: options.etag,
        },
        options,
      ),
    rename: (name, newName, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: apiPath`/1.0/instances/${name}`,
          query: query(options),
          json: { name: newName },
        },
        options,
      ),
    delete: (name, options = {}) =>
      transport.start(
        { method: 'DELETE', path: apiPath`/1.0/instances/${name}`, query: query(options) },
        options,
      ),
    state: (name, options = {}) =>
      transport.get(
        { path: apiPath`/1.0/instances/${name}/state`, query: query(options) },
        instanceStateSchema,
        options,
      ),
    setState: (name, change, options = {}) =>
      transport.start(
        {
          method: 'PUT',
          path: apiPath`/1.0/instances/${name}/state`,
          query: query(options),
          etag: options.etag,
          json: {
            action: change.action,
            force: change.force ?? false,
            stateful: change.stateful ?? false,
            timeout: change.timeoutSeconds ?? -1,
          },
        },
        options,
      ),
    ...createInstanceLogs(transport),
    exec: (name, options) => runCommand(transport, operations, name, options),
    execInteractive: (name, options) => startInteractive(transport, operations, name, options),
    console: (name, options) => openConsole(transport, name, options),
    files: createInstanceFiles(transport),
    snapshots: createSnapshots(transport, operations),
    backups: createBackups(transport),
  };
}
