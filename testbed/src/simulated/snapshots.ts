import { z } from 'zod';
import { type Call, nameAt, parseBody, projectOf, recursion } from './call.ts';
import { type HostState, projectSuffix } from './host-state.ts';
import { instanceResources } from './instance-create.ts';
import { snapshotJson } from './instance-json.ts';
import { type InstanceRecord, type SnapshotRecord, zeroTime } from './instance-record.ts';
import { checkName } from './instance-rules.ts';
import { answerMigration, migrationRequest } from './migration.ts';
import type { NewOperation } from './operation.ts';
import { ApiError, checkEtag, done, type Reply, sync } from './reply.ts';

function find(call: Call): { instance: InstanceRecord; snapshot: SnapshotRecord } {
  const { host } = call;
  const project = projectOf(call);
  const instance = host.instance(project, nameAt(call, 0));
  const name = nameAt(call, 1);
  const snapshot = instance.snapshots.find((one) => one.name === name);
  if (snapshot) return { instance, snapshot };
  const what = host.kind === 'lxd' ? 'InstanceSnapshot' : 'Instance_snapshot';
  const where = `snapshot "${name}" of instance "${instance.name}" in project "${project}"`;
  throw new ApiError(404, `Failed to fetch ${where}: ${what} not found`);
}

function snapshotUrl(instance: InstanceRecord, name: string): string {
  return `/1.0/instances/${instance.name}/snapshots/${name}${projectSuffix(instance.project)}`;
}

function tell(host: HostState, what: string, instance: InstanceRecord, name: string, context?: object): void {
  const extra = context === undefined ? {} : { context: { ...context } };
  host.tell(`instance-snapshot-${what}`, instance.project, snapshotUrl(instance, name), extra);
}

/** Resources of a snapshot's operation: Incus names instance and snapshot, LXD the instance. */
function resources(host: HostState, instance: InstanceRecord, name: string): NewOperation['resources'] {
  const ofInstance = instanceResources(host, [host.instanceUrl(instance.project, instance.name)]);
  return host.kind === 'lxd'
    ? ofInstance
    : { ...ofInstance, instances_snapshots: [snapshotUrl(instance, name)] };
}

/** `GET …/snapshots`. */
export function listSnapshots(call: Call): Reply {
  const { host } = call;
  const instance = host.instance(projectOf(call), nameAt(call, 0));
  if (recursion(call) === 0) return sync(instance.snapshots.map(({ name }) => snapshotUrl(instance, name)));
  return sync(instance.snapshots.map((snapshot) => snapshotJson(host, instance, snapshot)));
}

/** `GET …/snapshots/NAME`. */
export function getSnapshot(call: Call): Reply {
  const { instance, snapshot } = find(call);
  return sync(snapshotJson(call.host, instance, snapshot), [snapshot.expiresAt]);
}

const createSchema = z.object({
  name: z.string().nullish(),
  stateful: z.boolean().optional(),
  expires_at: z.string().nullish(),
  description: z.string().optional(),
});

/** `POST …/snapshots`; without a name `snap0`, `snap1`, … */
export function createSnapshot(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const instance = host.instance(project, nameAt(call, 0));
  const body = parseBody(call, createSchema);
  let number = 0;
  while (instance.snapshots.some((one) => one.name === `snap${number}`)) number++;
  const name = body.name || `snap${number}`;
  checkName('snapshot', name);
  const operation = host.operations.start({
    project,
    description: 'Snapshotting instance',
    resources: resources(host, instance, name),
    run: () => {
      const now = host.instance(project, instance.name);
      if (now.snapshots.some((one) => one.name === name)) throw taken(host, name);
      const { config, devices, profiles } = now;
      const snapshot: SnapshotRecord = {
        name,
        createdAtMs: host.now(),
        expiresAt: body.expires_at || zeroTime,
        stateful: body.stateful ?? false,
        description: body.description ?? '',
        config,
        devices,
        profiles,
      };
      host.put({ ...now, snapshots: [...now.snapshots, snapshot] });
      tell(host, 'created', now, name);
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

function taken(host: HostState, name: string): ApiError {
  const what = `Failed creating instance snapshot record "${name}": Add snapshot info to the database:`;
  const lxd = 'This "instances_snapshots" entry already exists';
  const incus =
    'Failed to create "instances_snapshots" entry: UNIQUE constraint failed: ' +
    'instances_snapshots.instance_id, instances_snapshots.name';
  return new ApiError(500, `${what} ${host.kind === 'lxd' ? lxd : incus}`);
}

/** `POST …/snapshots/NAME`: rename, or offer it for a migration as an instance without snapshots. */
export function postSnapshot(call: Call): Reply {
  const { host } = call;
  const { instance, snapshot } = find(call);
  const body = parseBody(call, migrationRequest.extend({ name: z.string() }));
  const { config, devices, profiles } = snapshot;
  const asInstance = { ...instance, config, devices, profiles, snapshots: [] };
  const migration = answerMigration(host, asInstance, body, resources(host, instance, snapshot.name));
  if (migration !== null) return migration;
  const { name } = body;
  checkName('snapshot', name);
  if (instance.snapshots.some((one) => one.name === name))
    throw new ApiError(409, `Name "${name}" already in use`);
  const operation = host.operations.start({
    project: instance.project,
    description: 'Renaming snapshot',
    resources: resources(host, instance, snapshot.name),
    run: () => {
      const now = host.instance(instance.project, instance.name);
      const renamed = now.snapshots.map((one) => (one.name === snapshot.name ? { ...one, name } : one));
      host.put({ ...now, snapshots: renamed });
      tell(host, 'renamed', now, name, { old_name: `${instance.name}/${snapshot.name}` });
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

/** `PUT` and `PATCH …/snapshots/NAME`: only the day it expires can be changed. */
export function updateSnapshot(call: Call): Reply {
  const { host } = call;
  const { instance, snapshot } = find(call);
  checkEtag(call.ifMatch, [snapshot.expiresAt]);
  const body = parseBody(call, z.object({ expires_at: z.string().nullish() }));
  const expiresAt = body.expires_at || zeroTime;
  const change = () => {
    const now = host.instance(instance.project, instance.name);
    const changed = now.snapshots.map((one) => (one.name === snapshot.name ? { ...one, expiresAt } : one));
    host.put({ ...now, snapshots: changed });
    tell(host, 'updated', now, snapshot.name);
    return undefined;
  };
  if (call.method === 'PATCH') {
    change();
    return done;
  }
  const description = 'Updating snapshot';
  const { project } = instance;
  const of = resources(host, instance, snapshot.name);
  return {
    kind: 'async',
    operation: host.operations.start({ project, description, resources: of, run: change }),
  };
}

/** `DELETE …/snapshots/NAME`. */
export function deleteSnapshot(call: Call): Reply {
  const { host } = call;
  const { instance, snapshot } = find(call);
  const lxd = instanceResources(host, [`/1.0/instances/${instance.name}/${snapshot.name}`]);
  const operation = host.operations.start({
    project: instance.project,
    description: 'Deleting snapshot',
    resources: host.kind === 'lxd' ? lxd : resources(host, instance, snapshot.name),
    run: () => {
      const now = host.instance(instance.project, instance.name);
      host.put({ ...now, snapshots: now.snapshots.filter((one) => one.name !== snapshot.name) });
      tell(host, 'deleted', now, snapshot.name);
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

/** Puts an instance back to a snapshot. Throws in LXD's words when there is none of that name. */
export function restoreSnapshot(host: HostState, instance: InstanceRecord, name: string): void {
  const snapshot = instance.snapshots.find((one) => one.name === name);
  if (!snapshot) throw new ApiError(500, `Snapshot ${instance.name}/${name} does not exist`);
  const { config, devices, profiles } = snapshot;
  host.put({ ...instance, config, devices, profiles });
  host.tellInstance('restored', instance.project, instance.name, {
    context: { snapshot: `${instance.name}/${name}` },
  });
}
