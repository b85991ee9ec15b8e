import { readFile } from 'node:fs/promises';
import type { InstanceCreation } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { deviceOptions } from '../device-options.ts';
import { addExamples } from '../docs/examples.ts';
import { newKey } from '../new-key.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, collect, keyValues, labelOptions, type WaitOptions } from '../options.ts';
import { parseExpiry } from '../parse-expiry.ts';
import { openRun, type Run } from '../run.ts';
import { addPlacementOptions, type PlacementOptions, placementOf } from './placement-options.ts';

type Options = WaitOptions &
  PlacementOptions &
  Readonly<{
    vm?: boolean;
    imageServer?: string;
    imageProtocol?: string;
    config?: readonly string[];
    device?: readonly string[];
    profile?: readonly string[];
    profiles: boolean;
    cpu?: string;
    memory?: string;
    disk?: string;
    cloudInit?: string;
    vendorData?: string;
    networkConfig?: string;
    label?: readonly string[];
    description?: string;
    project?: string;
    expires?: string;
    lxdProject?: string;
    ephemeral?: boolean;
    protect?: boolean;
  }>;

/** `launch IMAGE NAME` makes and starts an instance; `create` only makes it. */
export function addInstanceCreate(parent: Command, io: CliIo, verb: 'launch' | 'create'): Command {
  const start = verb === 'launch';
  const command = parent
    .command(verb)
    .argument('<image>', 'alias or fingerprint: on the chosen host, in the fleet, or on --image-server')
    .argument('<name>', 'name of the new instance')
    .description(start ? 'create an instance and start it' : 'create an instance without starting it');
  if (!start) command.alias('init');
  addPlacementOptions(command);
  command
    .option('--vm', 'a virtual machine instead of a container')
    .option('--cpu <count>', 'number of CPUs, or a set such as 0-3')
    .option('--memory <size>', 'memory, such as 2GiB')
    .option('--disk <size>', 'size of the root disk, such as 20GiB')
    .option('-c, --config <key=value>', 'configuration as LXD has it; may be repeated', collect)
    .option('-d, --device <name,key=value,…>', 'a device with its options; may be repeated', collect)
    .option('-p, --profile <name>', 'profile of the host; may be repeated (default: default)', collect)
    .option('--no-profiles', 'no profile at all')
    .option('--cloud-init <file>', 'user data for cloud-init')
    .option('--vendor-data <file>', 'vendor data for cloud-init')
    .option('--network-config <file>', 'network configuration for cloud-init')
    .option('--image-server <url>', 'take the image from this server')
    .option('--image-protocol <name>', 'simplestreams or lxd (default: found out by the server)')
    .option('-l, --label <key=value>', 'label of the instance; may be repeated', collect)
    .option('--description <text>', 'description')
    .option(
      '--project <name>',
      'project that it belongs to (default: that of the context; needed unless you have a role on the whole fleet)',
    )
    .option(
      '--expires <when>',
      'when it is stopped: 30d, 12h, or a date (default: as the project says, else never)',
    )
    .option('--lxd-project <name>', 'LXD project on the host (default: default)')
    .option('--ephemeral', 'deleted when it stops')
    .option('--protect', 'protected against deletion');
  addWaitOptions(command);
  addExamples(
    command,
    ...(start
      ? [
          'longshore launch debian web1',
          'longshore launch debian web1 --host a --cpu 2 --memory 2GiB --label env=test',
          'longshore launch debian db1 --vm --host-label site=north --cloud-init ./user-data.yaml',
          'longshore launch 24.04 u1 --image-server https://cloud-images.ubuntu.com/releases',
        ]
      : ['longshore create debian web1 -d data,type=disk,source=/srv/data,path=/data']),
  );
  return command.action(async (image: string, name: string, options: Options, self: Command) => {
    const run = openRun(io, self);
    const project = options.project ?? (await run.project());
    const named = project === undefined ? options : { ...options, project };
    const body = await creationOf({ image, name, start }, named, io.now());
    const { value } = await run.call('createInstance', { body, idempotencyKey: newKey() });
    const title = `${verb} ${name}`;
    const done = () => whereabouts(run, value.instanceId);
    await finishChange(run, { operation: value.operation, title, handle: name, done }, options);
  });
}

/** Where a new instance is, and why there, which the person did not say. */
export async function whereabouts(run: Run, id: string): Promise<string> {
  const { value } = await run.call('getInstance', { params: { id } });
  const reason = value.placementReason === null ? '' : ` (${value.placementReason})`;
  return `${value.status} on ${value.host.name}${reason}`;
}

type CreationBody = Partial<InstanceCreation> & Pick<InstanceCreation, 'name' | 'source'>;

type Asked = Readonly<{ image: string; name: string; start: boolean }>;

async function creationOf({ image, name, start }: Asked, options: Options, now: Date): Promise<CreationBody> {
  const { cpu, memory, disk } = options;
  const cloudInit = await filesOf({
    userData: options.cloudInit,
    vendorData: options.vendorData,
    networkConfig: options.networkConfig,
  });
  return {
    name,
    source: {
      image,
      ...(options.imageServer === undefined ? {} : { server: options.imageServer }),
      ...(options.imageProtocol === undefined ? {} : { protocol: protocolOf(options.imageProtocol) }),
    },
    placement: placementOf(options),
    type: options.vm === true ? 'virtual-machine' : 'container',
    limits: {
      ...(cpu === undefined ? {} : { cpu }),
      ...(memory === undefined ? {} : { memory }),
      ...(disk === undefined ? {} : { disk }),
    },
    config: keyValues(options.config, '--config'),
    devices: deviceOptions(options.device),
    labels: labelOptions(options.label),
    cloudInit,
    start,
    ...(options.profiles ? {} : { profiles: [] }),
    ...(options.profile === undefined ? {} : { profiles: [...options.profile] }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.expires === undefined ? {} : { expiresAt: parseExpiry(options.expires, now) }),
    ...(options.lxdProject === undefined ? {} : { lxdProject: options.lxdProject }),
    ...(options.ephemeral === undefined ? {} : { ephemeral: options.ephemeral }),
    ...(options.protect === undefined ? {} : { protected: options.protect }),
  };
}

/** The protocol of an image server, checked. */
export function protocolOf(text: string): 'simplestreams' | 'lxd' {
  if (text === 'simplestreams' || text === 'lxd') return text;
  throw new CliError('usage', `There is no image protocol "${text}".`, { hint: 'Use simplestreams or lxd.' });
}

async function filesOf(paths: Readonly<Record<string, string | undefined>>): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [key, path] of Object.entries(paths)) {
    if (path === undefined) continue;
    try {
      texts[key] = await readFile(path, 'utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CliError('usage', `${path} cannot be read: ${reason}.`, { cause: error });
    }
  }
  return texts;
}
