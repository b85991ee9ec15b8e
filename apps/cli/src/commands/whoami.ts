import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addOutputOptions } from '../options.ts';
import { printObject, tableSection } from '../output/print.ts';
import { openRun } from '../run.ts';

/** `whoami`. */
export function addWhoami(program: Command, io: CliIo): void {
  const command = program.command('whoami').description('show who you are here, and what you may do where');
  addOutputOptions(command);
  command.action(async (_options: object, self: Command) => {
    const run = openRun(io, self);
    const { value: me } = await run.call('getMe');
    const access =
      me.status === 'active' ? (await run.call('getMyAccess')).value : { permissions: [], parts: [] };
    const { parts } = access;
    await printObject(run, {
      document: { ...me, access },
      handle: me.name,
      facts: [
        ['Name', me.name],
        ['Called', me.displayName === me.name ? null : me.displayName],
        ['Kind', me.kind],
        ['Status', me.status],
        ['On the fleet', access.permissions.length === 0 ? 'nothing' : access.permissions.join(' ')],
      ],
      sections:
        parts.length === 0
          ? []
          : [
              tableSection(
                run,
                'On parts of it',
                [
                  { name: 'on', value: (part) => `${part.kind}:${part.name}`, shown: true },
                  { name: 'permissions', value: (part) => part.permissions.join(' '), shown: true },
                ],
                parts,
              ),
            ],
    });
  });
}
