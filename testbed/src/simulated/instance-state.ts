import { z } from 'zod';
import { type Call, nameAt, parseBody, projectOf } from './call.ts';
import type { Requestor } from './event-hub.ts';
import type { HostState } from './host-state.ts';
import { stateJson } from './instance-json.ts';
import type { InstanceRecord, InstanceStatus } from './instance-record.ts';
import { ApiError, type Reply, sync } from './reply.ts';

const stateSchema = z.object({
  action: z.string(),
  timeout: z.number().optional(),
  force: z.boolean().optional(),
  stateful: z.boolean().optional(),
});

const doing = {
  start: 'Starting',
  stop: 'Stopping',
  restart: 'Restarting',
  freeze: 'Freezing',
  unfreeze: 'Unfreezing',
} as const;
type Action = keyof typeof doing;

function isAction(text: string): text is Action {
  return Object.hasOwn(doing, text);
}

/** `GET …/state`. */
export function getState(call: Call): Reply {
  return sync(stateJson(call.host, call.host.instance(projectOf(call), nameAt(call, 0))));
}

/** `PUT …/state` (LXD rest-api: InstanceStatePut). */
export function putState(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const { name } = host.instance(project, nameAt(call, 0));
  const { action, force = false } = parseBody(call, stateSchema);
  if (!isAction(action)) throw new ApiError(400, `Unknown action: '${action}'`);
  const operation = host.operations.start({
    project,
    description: `${doing[action]} instance`,
    resources: { instances: [host.instanceUrl(project, name)] },
    run: () => {
      const instance = host.instance(project, name);
      const next = outcome(host, instance.status, action, force);
      setState(host, instance, next.status, next.told, call.requestor);
      return undefined;
    },
  });
  return { kind: 'async', operation };
}

/** What an action leads to and how it is told; throws when the instance is not in the state for it. */
function outcome(
  host: HostState,
  status: InstanceStatus,
  action: Action,
  force: boolean,
): { status: InstanceStatus; told: string } {
  const running = status !== 'Stopped';
  const notRunning = () =>
    new ApiError(500, host.kind === 'lxd' ? "The container isn't running" : "The instance isn't running");
  switch (action) {
    case 'start':
      if (running) throw new ApiError(500, 'The instance is already running');
      return { status: 'Running', told: 'started' };
    case 'stop':
      if (!running) throw new ApiError(400, 'The instance is already stopped');
      return { status: 'Stopped', told: force ? 'stopped' : 'shutdown' };
    case 'restart':
      if (!running) throw new ApiError(400, 'The instance is already stopped');
      return { status: 'Running', told: 'restarted' };
    case 'freeze':
      if (!running) throw notRunning();
      return { status: 'Frozen', told: 'paused' };
    case 'unfreeze':
      if (!running) throw notRunning();
      return { status: 'Running', told: 'resumed' };
  }
}

/** Puts an instance into a state and tells of it; an ephemeral one that stops is gone. */
export function setState(
  host: HostState,
  instance: InstanceRecord,
  status: InstanceStatus,
  told: string,
  requestor?: Requestor,
): void {
  const started = told === 'started' || told === 'restarted';
  const lastUsedAtMs = started ? host.now() : instance.lastUsedAtMs;
  host.put({ ...instance, status, lastUsedAtMs });
  host.tellInstance(told, instance.project, instance.name, { requestor });
  if (status === 'Stopped' && instance.ephemeral) {
    host.remove(instance.project, instance.name);
    host.tellInstance('deleted', instance.project, instance.name);
  }
}
