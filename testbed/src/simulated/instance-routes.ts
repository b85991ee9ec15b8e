import { z } from 'zod';
import {
  type Call,
  configSchema,
  devicesSchema,
  nameAt,
  parseBody,
  projectFilter,
  projectOf,
  recursion,
} from './call.ts';
import { matchesFilter } from './filter.ts';
import { projectSuffix } from './host-state.ts';
import { instanceResources } from './instance-create.ts';
import { etagValues, expandedDevices, fullInstanceJson, instanceJson, ownConfig } from './instance-json.ts';
import type { InstanceRecord } from './instance-record.ts';
import { checkConfig, checkName, checkProfiles, devicesOrNone, withConfig } from './instance-rules.ts';
import { answerMigration, migrationRequest } from './migration.ts';
import { ApiError, checkEtag, done, type Reply, sync } from './reply.ts';
import { restoreSnapshot } from './snapshots.ts';

/** `GET /1.0/instances`, all recursions, with filter; a project that is not there has none. */
export function listInstances(call: Call): Reply {
  const { host } = call;
  const depth = recursion(call);
  const filter = call.query.get('filter') ?? '';
  const type = call.query.get('instance-type') ?? '';
  let instances = host.listInstances(projectFilter(call));
  if (type !== '') instances = instances.filter((instance) => instance.type === type);
  if (filter !== '')
    instances = instances.filter((one) => matchesFilter(filter, fullInstanceJson(host, one)));
  if (depth === 0) return sync(instances.map(({ project, name }) => host.instanceUrl(project, name)));
  const render = depth === 1 ? instanceJson : fullInstanceJson;
  return sync(instances.map((instance) => render(host, instance)));
}

/** `GET …/instances/NAME`; with recursion the full one. */
export function getInstance(call: Call): Reply {
  const { host } = call;
  const instance = host.instance(projectOf(call), nameAt(call, 0));
  const render = recursion(call) > 0 ? fullInstanceJson : instanceJson;
  return sync(render(host, instance), etagValues(host, instance));
}

const putSchema = z.object({
  architecture: z.string().optional(),
  config: configSchema,
  devices: devicesSchema,
  ephemeral: z.boolean().optional(),
  profiles: z.array(z.string()).nullish(),
  description: z.string().optional(),
  restore: z.string().optional(),
});

/** `PUT …/instances/NAME`: everything anew, or back to a snapshot. */
export function putInstance(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const before = host.instance(project, nameAt(call, 0));
  checkEtag(call.ifMatch, etagValues(host, before));
  const body = parseBody(call, putSchema);
  const { restore } = body;
  const operation = host.operations.start({
    project,
    description: restore ? 'Restoring snapshot' : 'Updating instance',
    resources: instanceResources(host, [host.instanceUrl(project, before.name)]),
    run: () => {
      const instance = host.instance(project, before.name);
      if (restore) {
        restoreSnapshot(host, instance, restore);
        return undefined;
      }
      checkConfig(body.config);
      checkProfiles(host, body.profiles ?? []);
      const changed: InstanceRecord = {
        ...instance,
        description: body.description ?? '',
        ephemeral: body.ephemeral ?? false,
        profiles: body.profiles ?? [],
        devices: devicesOrNone(body.devices),
      };
      update(call, changed, body.config ?? {});
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

/** `PATCH …/instances/NAME`: done at once; keys with an empty value go away. */
export function patchInstance(call: Call): Reply {
  const { host } = call;
  const instance = host.instance(projectOf(call), nameAt(call, 0));
  checkEtag(call.ifMatch, etagValues(host, instance));
  const body = parseBody(call, putSchema);
  checkConfig(body.config);
  checkProfiles(host, body.profiles ?? []);
  const changed: InstanceRecord = {
    ...instance,
    description: body.description ?? instance.description,
    ephemeral: body.ephemeral ?? instance.ephemeral,
    profiles: body.profiles ?? instance.profiles,
    devices: devicesOrNone({ ...instance.devices, ...body.devices }),
  };
  const merged = Object.entries({ ...ownConfig(host, instance), ...body.config });
  update(call, changed, Object.fromEntries(merged.filter(([, value]) => value !== '')));
  return done;
}

function update(call: Call, changed: InstanceRecord, config: Readonly<Record<string, string>>): void {
  const { host } = call;
  const root = Object.values(expandedDevices(host, changed)).some((device) => device.path === '/');
  if (!root)
    throw new ApiError(
      500,
      'Invalid devices: Failed detecting root disk device: No root device could be found',
    );
  host.put(withConfig(host, changed, config));
  host.tellInstance('updated', changed.project, changed.name);
}

/** `POST …/instances/NAME`: rename, or offer it for a migration. */
export function postInstance(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const instance = host.instance(project, nameAt(call, 0));
  const body = parseBody(call, migrationRequest.extend({ name: z.string().optional() }));
  const resources = instanceResources(host, [host.instanceUrl(project, instance.name)]);
  const migration = answerMigration(host, instance, body, resources);
  if (migration !== null) return migration;
  const to = body.name ?? '';
  checkName('instance', to);
  if (host.instances.get(project)?.has(to)) throw new ApiError(409, `Name "${to}" already in use`);
  const operation = host.operations.start({
    project,
    description: 'Renaming instance',
    resources,
    run: () => {
      const now = host.instance(project, instance.name);
      if (now.status !== 'Stopped') {
        const what = host.kind === 'lxd' ? 'container' : 'instance';
        throw new ApiError(500, `Renaming of running ${what} not allowed`);
      }
      host.remove(project, now.name);
      host.put(withConfig(host, { ...now, name: to }, ownConfig(host, now)));
      host.tellInstance('renamed', project, to, { context: { old_name: now.name } });
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

/** `DELETE …/instances/NAME`: never a running one; protection shows only in the operation. */
export function deleteInstance(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const { name, status } = host.instance(project, nameAt(call, 0));
  if (status !== 'Stopped') throw new ApiError(400, 'Instance is running');
  const operation = host.operations.start({
    project,
    description: 'Deleting instance',
    resources: instanceResources(host, [host.instanceUrl(project, name)]),
    run: () => {
      const instance = host.instance(project, name);
      if (ownConfig(host, instance)['security.protection.delete'] === 'true') {
        throw new ApiError(500, 'Instance is protected');
      }
      for (const snapshot of instance.snapshots) {
        const source = `/1.0/instances/${name}/snapshots/${snapshot.name}${projectSuffix(project)}`;
        host.tell('instance-snapshot-deleted', project, source);
      }
      host.remove(project, name);
      host.tellInstance('deleted', project, name);
      return undefined;
    },
  });
  return { kind: 'async', operation };
}
