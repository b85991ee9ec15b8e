import type { Instance, InstanceAddress, Snapshot } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { addOutputOptions } from '../options.ts';
import { labelText, moment } from '../output/figures.ts';
import { type Fact, mapSection, printObject, type Section, tableSection } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';
import { instanceTone, statusText } from './instance-columns.ts';

/** Columns of an instance's snapshots. */
export const snapshotColumns: readonly Column<Snapshot>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'created', value: (row) => moment(row.createdAt), shown: true },
  { name: 'expires', value: (row) => moment(row.expiresAt), shown: true },
  { name: 'stateful', value: (row) => (row.stateful ? 'yes' : 'no'), shown: true },
];

const addressColumns: readonly Column<InstanceAddress>[] = [
  { name: 'device', value: (row) => row.device, shown: true },
  { name: 'address', value: (row) => row.address, shown: true },
  { name: 'scope', value: (row) => row.scope, shown: true },
];

/** `show INSTANCE`: an instance whole. */
export function addInstanceShow(parent: Command, io: CliIo): Command {
  const command = parent
    .command('show')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .description('show an instance: state, addresses, configuration, devices, snapshots');
  addOutputOptions(command);
  addExamples(command, 'longshore show web1', 'longshore show a/web1 --yaml');
  return command.action(async (name: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, name);
    const { value } = await run.call('getInstance', { params: { id } });
    await printInstance(run, value);
  });
}

/** Prints an instance whole. */
export async function printInstance(run: Run, value: Instance): Promise<void> {
  await printObject(run, {
    document: value,
    handle: value.name,
    facts: factsOf(value, run.io.now()),
    sections: sectionsOf(run, value),
  });
}

function factsOf(value: Instance, now: Date): readonly Fact[] {
  const host = { online: value.host.status === 'online', observedAt: value.host.observedAt };
  return [
    ['Name', value.name],
    ['Host', value.host.name],
    ['Status', statusText(value, host, now), host.online ? instanceTone(value.status) : 'doubtful'],
    ['Missing since', moment(value.missingSince), 'bad'],
    ['Type', value.type],
    ['Architecture', value.architecture],
    ['Image', value.image],
    ['Description', value.description],
    ['CPU', value.cpu],
    ['Memory', value.memory],
    ['Profiles', value.profiles.join(', ')],
    ['Labels', labelText(value.labels)],
    ['Protected', value.protected ? 'yes' : 'no'],
    [
      'Claimed',
      value.claimed ? 'yes' : 'no: found on its host; take it over with `longshore instance claim`',
    ],
    ['Ephemeral', value.ephemeral ? 'yes' : null],
    ['LXD project', value.lxdProject],
    ['Placed', value.placementReason],
    ['Created', moment(value.createdAt)],
    ['Observed', moment(value.observedAt)],
    ['Operation', value.operationId],
    ['Id', value.id],
  ];
}

function sectionsOf(run: Run, value: Instance): readonly Section[] {
  const devices = Object.entries(value.devices).map(([name, options]): [string, string] => [
    name,
    Object.entries(options)
      .map(([key, each]) => `${key}=${each}`)
      .join(' '),
  ]);
  return [
    tableSection(run, 'Addresses', addressColumns, value.addresses),
    mapSection('Configuration', value.config),
    mapSection('Devices', Object.fromEntries(devices)),
    tableSection(run, 'Snapshots', snapshotColumns, value.snapshots),
  ];
}
