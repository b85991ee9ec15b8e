import type { WebSocket } from 'ws';
import { z } from 'zod';
import { type Call, configSchema, nameAt, parseBody, projectOf } from './call.ts';
import { instanceResources } from './instance-create.ts';
import { newSecret } from './migration.ts';
import { ApiError, type Reply } from './reply.ts';

const execSchema = z.object({
  command: z.array(z.string()),
  environment: configSchema,
  interactive: z.boolean().optional(),
  'wait-for-websocket': z.boolean().optional(),
  'record-output': z.boolean().optional(),
});

/** Nothing runs: `false` fails with 1, everything else prints its arguments (all but `echo` itself). */
function result(command: readonly string[]): { code: number; output: string } {
  if (command[0] === 'false') return { code: 1, output: '' };
  const words = command[0] === 'echo' ? command.slice(1) : command;
  return { code: 0, output: `${words.join(' ')}\n` };
}

/** `POST …/exec` (LXD rest-api: InstanceExecPost) with a made-up process. */
export function execCommand(call: Call): Reply {
  const { host } = call;
  const project = projectOf(call);
  const instance = host.instance(project, nameAt(call, 0));
  const body = parseBody(call, execSchema);
  if (instance.status === 'Stopped') throw new ApiError(400, 'Instance is not running');
  if (instance.status === 'Frozen') throw new ApiError(400, 'Instance is frozen');
  const { code, output } = result(body.command);
  const resources = instanceResources(host, [host.instanceUrl(project, instance.name)]);
  const tell = () =>
    host.tellInstance('exec', project, instance.name, { context: { command: body.command } });
  const base = { project, description: 'Executing command', resources };
  if (!body['wait-for-websocket']) {
    const run = () => {
      tell();
      return { return: code };
    };
    return { kind: 'async', operation: host.operations.start({ ...base, run }) };
  }
  const roles = body.interactive ? ['0'] : ['0', '1', '2'];
  const fds = Object.fromEntries([...roles, 'control'].map((role) => [role, newSecret()]));
  const operation = host.operations.start({
    ...base,
    class: 'websocket',
    metadata: {
      command: body.command,
      environment: body.environment ?? {},
      fds,
      interactive: !!body.interactive,
    },
  });
  const open = new Map<string, WebSocket>();
  host.sessions.set(operation.id, {
    secrets: fds,
    connect: (role, socket) => {
      open.set(role, socket);
      if (!roles.every((each) => open.has(each))) return;
      tell();
      host.sessions.delete(operation.id);
      open.get(body.interactive ? '0' : '1')?.send(Buffer.from(output));
      for (const each of roles) {
        if (each !== '0' || body.interactive) open.get(each)?.send('');
        open.get(each)?.close();
      }
      open.get('control')?.terminate();
      host.operations.finish(operation.id, { metadata: { ...operation.metadata, return: code } });
    },
  });
  return { kind: 'async', operation };
}
