import { IMAGE_FILTERS, type Image } from '@longshore/contract';
import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { collectPages, joinPages } from '../collect-pages.ts';
import { addExamples } from '../docs/examples.ts';
import { hostNames } from '../naming/find-host.ts';
import { newKey } from '../new-key.ts';
import { finishChange } from '../operations/finish-change.ts';
import {
  addListOptions,
  addWaitOptions,
  chooseColumns,
  collect,
  type ListOptions,
  type WaitOptions,
} from '../options.ts';
import { bytes, moment } from '../output/figures.ts';
import { printList } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import type { Column } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';
import { protocolOf } from './instance-create.ts';
import { warnOfRest } from './warn-of-rest.ts';

/** `image list|copy|remove`. */
export function addImageCommands(program: Command, io: CliIo): void {
  const group = program.command('image').description('images on the hosts of the fleet');
  addList(group, io);
  addCopy(group, io);
  addRemove(group, io);
}

function imageColumns(hostName: (id: string) => string): readonly Column<Image>[] {
  return [
    { name: 'fingerprint', value: (row) => row.fingerprint.slice(0, 12), shown: true },
    { name: 'aliases', value: (row) => aliasesOf(row).join(' '), shown: true, shrinks: true },
    { name: 'description', value: (row) => row.description, shown: true, shrinks: true },
    { name: 'type', value: (row) => (row.type === 'virtual-machine' ? 'vm' : row.type), shown: true },
    { name: 'arch', value: (row) => row.architecture, shown: true },
    { name: 'size', value: (row) => bytes(row.sizeBytes), right: true, shown: true },
    {
      name: 'hosts',
      value: (row) => [...new Set(row.hosts.map((each) => hostName(each.hostId)))].sort().join(' '),
      shown: true,
      shrinks: true,
    },
    { name: 'created', value: (row) => moment(row.createdAt), shown: false },
  ];
}

function aliasesOf(image: Image): readonly string[] {
  return [...new Set(image.hosts.flatMap((each) => each.aliases))].sort();
}

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list images on any host of the fleet');
  addListOptions(command, {
    columns: imageColumns((id) => id),
    sorts: ['description', 'createdAt'],
    filters: IMAGE_FILTERS,
  });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    chooseColumns(
      imageColumns((id) => id),
      options.columns,
    );
    const { filter, sort } = options;
    const list = await collectPages(options.limit, async (page) => {
      const { value } = await run.call('listImages', {
        query: {
          ...page,
          ...(filter === undefined ? {} : { filter }),
          ...(sort === undefined ? {} : { sort }),
        },
      });
      return value;
    });
    const hostName = run.format === 'table' ? await hostNames(run) : (id: string) => id;
    await printList(run, {
      rows: list.items,
      columns: chooseColumns(imageColumns(hostName), options.columns),
      document: joinPages(list),
      handle: (row) => row.fingerprint,
      header: options.header,
      empty: filter === undefined ? 'No host has an image.' : 'No image fits the filter.',
    });
    warnOfRest(run, list);
  });
}

type CopyOptions = WaitOptions &
  Readonly<{
    to: readonly string[];
    imageServer?: string;
    imageProtocol?: string;
    alias?: readonly string[];
    vm?: boolean;
  }>;

function addCopy(group: Command, io: CliIo): void {
  const command = group
    .command('copy')
    .alias('cp')
    .argument('<image>', 'alias or fingerprint: in the fleet, or on --image-server')
    .description('bring an image to hosts')
    .requiredOption('--to <host>', 'a host that shall have it; may be repeated', collect)
    .option('--image-server <url>', 'take it from this server')
    .option('--image-protocol <name>', 'simplestreams or lxd (default: found out by the server)')
    .option('--alias <name>', 'alias there; may be repeated', collect)
    .option('--vm', 'the image for virtual machines');
  addWaitOptions(command);
  addExamples(
    command,
    'longshore image copy debian --to b --to c',
    'longshore image copy 24.04 --image-server https://cloud-images.ubuntu.com/releases --to a --alias ubuntu',
  );
  command.action(async (image: string, options: CopyOptions, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('copyImage', {
      idempotencyKey: newKey(),
      body: {
        source: {
          image,
          ...(options.imageServer === undefined ? {} : { server: options.imageServer }),
          ...(options.imageProtocol === undefined ? {} : { protocol: protocolOf(options.imageProtocol) }),
        },
        hosts: [...options.to],
        ...(options.alias === undefined ? {} : { aliases: [...options.alias] }),
        ...(options.vm === true ? { type: 'virtual-machine' as const } : {}),
      },
    });
    const title = `copy image ${image} to ${options.to.join(', ')}`;
    await finishChange(run, { operation: value.operation, title, handle: image }, options);
  });
}

type RemoveOptions = WaitOptions & Readonly<{ from?: readonly string[]; yes?: boolean }>;

function addRemove(group: Command, io: CliIo): void {
  const command = group
    .command('remove')
    .alias('rm')
    .argument('<image>', 'alias or fingerprint')
    .description('remove an image from hosts; instances made from it stay')
    .option('--from <host>', 'from this host only; may be repeated', collect)
    .option('-y, --yes', 'do not ask for confirmation');
  addWaitOptions(command);
  addExamples(command, 'longshore image remove debian --from b');
  command.action(async (text: string, options: RemoveOptions, self: Command) => {
    const run = openRun(io, self);
    const image = await findImage(run, text);
    const hosts = new Set(image.hosts.map((each) => each.hostId)).size;
    const where = options.from === undefined ? `all ${hosts} hosts that have it` : options.from.join(', ');
    const name = aliasesOf(image)[0] ?? image.fingerprint.slice(0, 12);
    await confirm(run, `Remove ${name} (${image.description}) from ${where}?`, options.yes === true);
    const { value } = await run.call('removeImage', {
      params: { fingerprint: image.fingerprint },
      body: options.from === undefined ? {} : { hosts: [...options.from] },
      idempotencyKey: newKey(),
    });
    const title = `remove image ${name}`;
    await finishChange(run, { operation: value.operation, title, handle: image.fingerprint }, options);
  });
}

/** An image by alias or by the beginning of its fingerprint. */
async function findImage(run: Run, text: string): Promise<Image> {
  const quoted = `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  const filters = [
    `alias:${quoted}`,
    ...(/^[0-9a-f]{4,64}$/i.test(text) ? [`fingerprint:${text.toLowerCase()}*`] : []),
  ];
  const pages = await Promise.all(
    filters.map((filter) => run.call('listImages', { query: { filter, limit: 10 } })),
  );
  const images = pages.flatMap((page) => page.value.items);
  const unique = [...new Map(images.map((image) => [image.fingerprint, image])).values()];
  const [image] = unique;
  if (image === undefined)
    throw new CliError('not-found', `No host has an image "${text}".`, {
      hint: 'See `longshore image list`.',
    });
  if (unique.length === 1) return image;
  const candidates = unique.map((each) =>
    safeText(`  ${each.fingerprint.slice(0, 24)}  ${each.description}`),
  );
  throw new CliError('ambiguous', `"${text}" fits ${unique.length} images:\n${candidates.join('\n')}`, {
    hint: 'Name it by its fingerprint.',
  });
}
