import type { FleetEvent } from '@longshore/contract';
import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findHost, hostNames } from '../naming/find-host.ts';
import { addOutputOptions, collect } from '../options.ts';
import { say, write } from '../output/print.ts';
import { safeJson, safeText } from '../output/safe-text.ts';
import { safeYaml } from '../output/safe-yaml.ts';
import { openRun, type Run } from '../run.ts';

type Options = Readonly<{ type?: readonly string[]; host?: string; after?: string }>;

/** `event follow`: changes as they happen. */
export function addEventCommands(program: Command, io: CliIo): void {
  const group = program.command('event').description('changes of the fleet as they happen');
  const command = group
    .command('follow')
    .description('print changes until Ctrl-C; resumes by itself after a break')
    .option('--type <name>', 'only this type, such as instance.changed; may be repeated', collect)
    .option('--host <name>', 'only of this host')
    .option('--after <id>', 'go on after this event');
  addOutputOptions(command);
  addExamples(
    command,
    'longshore event follow --type operation.changed',
    'longshore event follow --json | jq .resourceId',
  );
  command.addHelpText('after', '\nWith --json each event is one line.');
  command.action(async (options: Options, self: Command) => {
    const run = openRun(io, self);
    const client = await run.client();
    const hostId = options.host === undefined ? undefined : (await findHost(run, options.host)).id;
    const hostName = run.format === 'table' ? await hostNames(run) : String;
    const events = client.events({
      signal: run.signal,
      ...(options.type === undefined ? {} : { types: options.type }),
      ...(hostId === undefined ? {} : { hostId }),
      ...(options.after === undefined ? {} : { lastEventId: options.after }),
    });
    for await (const event of events) {
      write(run, await eventText(run, event, hostName));
      if (event.type === 'stream.reset') say(run, 'Events were lost here; read the lists again.');
    }
  });
}

async function eventText(
  run: Run,
  event: FleetEvent,
  hostName: (id: string | null) => string,
): Promise<string> {
  switch (run.format) {
    case 'json':
      return `${safeJson(event, 0)}\n`;
    case 'yaml':
      return `---\n${await safeYaml(event)}`;
    case 'quiet':
      return `${safeText(event.resourceId)}\n`;
    case 'table': {
      const data = Object.entries(event.data)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' ');
      const time = new Date(event.at).toTimeString().slice(0, 8);
      const host = hostName(event.hostId);
      return `${safeText([time, event.type.padEnd(17), host || '-', event.resourceId, data].join('  ').trimEnd())}\n`;
    }
  }
}
