import type { Host, HostPatch } from '@longshore/contract';
import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findHost } from '../naming/find-host.ts';
import { newKey } from '../new-key.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addOutputOptions, addWaitOptions, collect, labelOptions, type WaitOptions } from '../options.ts';
import { say } from '../output/print.ts';
import { openRun, type Run } from '../run.ts';
import { withEtag } from '../with-etag.ts';
import { printHost } from './host-list.ts';
import { probeHost } from './host-probe.ts';

/** `host set`, `re-pin`, `sync` and `remove`. */
export function addHostChanges(group: Command, io: CliIo): void {
  addSet(group, io);
  addRePin(group, io);
  addSync(group, io);
  addRemove(group, io);
}

type SetOptions = Readonly<{
  name?: string;
  label?: readonly string[];
  removeLabel?: readonly string[];
  maintenance?: string;
}>;

function addSet(group: Command, io: CliIo): void {
  const command = group
    .command('set')
    .argument('<host>', 'name or identifier')
    .description('change name, labels or maintenance of a host')
    .option('--name <name>', 'new name in the fleet')
    .option('-l, --label <key=value>', 'set a label; may be repeated', collect)
    .option('--remove-label <key>', 'remove a label; may be repeated', collect)
    .option('--maintenance <on|off>', 'in maintenance nothing is placed there or changed');
  addOutputOptions(command);
  addExamples(command, 'longshore host set a --label site=north', 'longshore host set a --maintenance on');
  command.action(async (name: string, options: SetOptions, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findHost(run, name);
    const host = await withEtag(
      () => run.call('getHost', { params: { id } }),
      async (before, ifMatch) =>
        (await run.call('updateHost', { params: { id }, body: patchOf(options, before.labels), ifMatch }))
          .value,
    );
    if (run.format === 'table') say(run, `${host.name}: changed`);
    else await printHost(run, host);
  });
}

function patchOf(options: SetOptions, before: Readonly<Record<string, string>>): HostPatch {
  const patch: HostPatch = {};
  if (options.name !== undefined) patch.name = options.name;
  if (options.maintenance !== undefined) patch.maintenance = onOrOff(options.maintenance);
  if (options.label !== undefined || options.removeLabel !== undefined) {
    const labels = { ...before, ...labelOptions(options.label) };
    for (const key of options.removeLabel ?? []) delete labels[key];
    patch.labels = labels;
  }
  if (Object.keys(patch).length > 0) return patch;
  throw new CliError('usage', 'Nothing to change was named.', {
    hint: 'Add --name, --label, --remove-label or --maintenance.',
  });
}

function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new CliError('usage', `--maintenance takes on or off, not "${text}".`);
}

function addRePin(group: Command, io: CliIo): void {
  const command = group
    .command('re-pin')
    .argument('<host>', 'a host in quarantine')
    .description('accept the new certificate of a host whose certificate has changed')
    .option('--fingerprint <sha256>', 'the new fingerprint, as read on the host itself')
    .option('-y, --yes', 'accept the certificate that the host shows now');
  addWaitOptions(command);
  addExamples(command, 'longshore host re-pin a');
  command.action(
    async (name: string, options: WaitOptions & { fingerprint?: string; yes?: boolean }, self: Command) => {
      const run = openRun(io, self);
      const host = await findHost(run, name);
      const fingerprint = options.fingerprint ?? (await confirmPresent(run, host, options));
      const { value } = await run.call('rePinHost', {
        params: { id: host.id },
        body: { fingerprint },
        idempotencyKey: newKey(),
      });
      const title = `re-pin ${host.name}`;
      await finishChange(run, { operation: value.operation, title, handle: host.name }, options);
    },
  );
}

/** Shows the certificate that the host has now and has it confirmed. */
async function confirmPresent(
  run: Run,
  host: Host,
  options: { timeout?: number; yes?: boolean },
): Promise<string> {
  const { fingerprint } = await probeHost(run, host.url, options);
  if (fingerprint === null) throw new CliError('usage', `${host.name} has no certificate to pin.`);
  await confirm(
    run,
    `${host.name} was pinned to\n  ${host.fingerprint ?? 'nothing'}\nand now shows\n  ${fingerprint}\nAccept the new certificate?`,
    options.yes === true,
  );
  return fingerprint;
}

function addSync(group: Command, io: CliIo): void {
  const command = group
    .command('sync')
    .argument('<host>', 'name or identifier')
    .description('read a host in full now');
  addWaitOptions(command);
  command.action(async (name: string, options: WaitOptions, self: Command) => {
    const run = openRun(io, self);
    const { id, name: hostName } = await findHost(run, name);
    const { value } = await run.call('syncHost', { params: { id }, body: {}, idempotencyKey: newKey() });
    const title = `read ${hostName}`;
    await finishChange(run, { operation: value.operation, title, handle: hostName }, options);
  });
}

type RemoveOptions = WaitOptions & Readonly<{ force?: boolean; yes?: boolean }>;

function addRemove(group: Command, io: CliIo): void {
  const command = group
    .command('remove')
    .alias('rm')
    .argument('<host>', 'name or identifier')
    .description(
      "remove a host from the fleet: takes Longshore's own trust entry away, leaves its instances alone",
    )
    .option('-f, --force', 'also when the host cannot be reached')
    .option('-y, --yes', 'do not ask for confirmation');
  addWaitOptions(command);
  command.action(async (name: string, options: RemoveOptions, self: Command) => {
    const run = openRun(io, self);
    const host = await findHost(run, name);
    await confirm(
      run,
      `Remove ${host.name}? Its ${host.instances.total} instances run on, but Longshore forgets them.`,
      options.yes === true,
    );
    const { value } = await run.call('removeHost', {
      params: { id: host.id },
      query: { force: String(options.force === true) },
      idempotencyKey: newKey(),
    });
    const title = `remove ${host.name}`;
    await finishChange(run, { operation: value.operation, title, handle: host.name }, options);
  });
}
