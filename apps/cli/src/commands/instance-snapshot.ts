import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { newKey } from '../new-key.ts';
import { finishBulk } from '../operations/finish-bulk.ts';
import { finishChange } from '../operations/finish-change.ts';
import {
  addListOptions,
  addWaitOptions,
  chooseColumns,
  type ListOptions,
  type WaitOptions,
} from '../options.ts';
import { printList } from '../output/print.ts';
import { parseExpiry } from '../parse-expiry.ts';
import { openRun } from '../run.ts';
import { snapshotColumns } from './instance-show.ts';
import { type SelectionOptions, selectInstances } from './selection.ts';

type CreateOptions = WaitOptions &
  SelectionOptions &
  Readonly<{ stateful?: boolean; expires?: string; name?: string }>;

/** `snapshot create|list|restore|delete`. */
export function addInstanceSnapshot(parent: Command, io: CliIo): Command {
  const group = parent.command('snapshot').description('take, list, restore and delete snapshots');
  addCreate(group, io);
  addList(group, io);
  addRestore(group, io);
  addDelete(group, io);
  return group;
}

function addCreate(group: Command, io: CliIo): void {
  const command = group
    .command('create')
    .argument('[instances...]', 'NAME, HOST/NAME or identifier')
    .description('take a snapshot of instances')
    .option('--name <name>', 'name of the snapshot (default: the time, such as 20261130-184500)')
    .option('--stateful', 'with memory; only of what runs')
    .option('--expires <when>', 'delete it by itself: 7d, 12h, or a date such as 2027-01-31')
    .option('--filter <terms>', 'all instances that fit instead, after confirmation')
    .option('-y, --yes', 'do not ask for confirmation');
  addWaitOptions(command);
  addExamples(
    command,
    'longshore instance snapshot create web1 --name before-update',
    "longshore instance snapshot create --filter 'label:env=live' --expires 7d --yes",
  );
  command.action(async (names: string[], options: CreateOptions, self: Command) => {
    const run = openRun(io, self);
    const rows = await selectInstances(run, names, options, 'take a snapshot of');
    const name = options.name ?? nameOfTime(io.now());
    const snapshot = {
      name,
      stateful: options.stateful === true,
      expiresAt: options.expires === undefined ? null : parseExpiry(options.expires, io.now()),
    };
    const [only] = rows;
    if (rows.length > 1 || only === undefined) {
      await finishBulk(run, rows, { do: 'snapshot', snapshot }, 'take a snapshot of', options);
      return;
    }
    const { value } = await run.call('createSnapshot', {
      params: { id: only.id },
      body: snapshot,
      idempotencyKey: newKey(),
    });
    const title = `take snapshot ${name} of ${only.name}`;
    await finishChange(run, { operation: value.operation, title, handle: name }, options);
  });
}

/** A moment in UTC as a name that sorts: `20261130-184500`. */
function nameOfTime(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

function addList(group: Command, io: CliIo): void {
  const command = group
    .command('list')
    .alias('ls')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .description('list the snapshots of an instance');
  addListOptions(command, { columns: snapshotColumns });
  command.action(async (instance: string, options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(snapshotColumns, options.columns);
    const { id } = await findInstance(run, instance);
    const { value } = await run.call('getInstance', { params: { id } });
    await printList(run, {
      rows: value.snapshots,
      columns,
      document: { items: value.snapshots },
      handle: (row) => row.name,
      header: options.header,
      empty: `${value.name} has no snapshots.`,
    });
  });
}

function addRestore(group: Command, io: CliIo): void {
  const command = group
    .command('restore')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .argument('<snapshot>', 'name of the snapshot')
    .description('set an instance back to a snapshot; what was written since is lost')
    .option('-y, --yes', 'do not ask for confirmation');
  addWaitOptions(command);
  command.action(
    async (instance: string, snapshot: string, options: WaitOptions & { yes?: boolean }, self: Command) => {
      const run = openRun(io, self);
      const { id, name } = await findInstance(run, instance);
      await confirm(
        run,
        `Set ${name} back to ${snapshot}? What was written since is lost.`,
        options.yes === true,
      );
      const { value } = await run.call('restoreSnapshot', {
        params: { id, snapshot },
        body: {},
        idempotencyKey: newKey(),
      });
      const title = `set ${name} back to ${snapshot}`;
      await finishChange(run, { operation: value.operation, title, handle: name }, options);
    },
  );
}

function addDelete(group: Command, io: CliIo): void {
  const command = group
    .command('delete')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .argument('<snapshot>', 'name of the snapshot')
    .description('delete a snapshot');
  addWaitOptions(command);
  command.action(async (instance: string, snapshot: string, options: WaitOptions, self: Command) => {
    const run = openRun(io, self);
    const { id, name } = await findInstance(run, instance);
    const { value } = await run.call('deleteSnapshot', {
      params: { id, snapshot },
      idempotencyKey: newKey(),
    });
    const title = `delete snapshot ${snapshot} of ${name}`;
    await finishChange(run, { operation: value.operation, title, handle: snapshot }, options);
  });
}
