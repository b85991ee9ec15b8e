import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addHostChanges } from './host-changes.ts';
import { addHostEnrol } from './host-enrol.ts';
import { addHostList, addHostShow, addHostSockets } from './host-list.ts';
import { addHostProbe } from './host-probe.ts';
import { addHostUse } from './host-use.ts';

/** `host …`: the LXD and Incus servers of the fleet. */
export function addHostCommands(program: Command, io: CliIo): void {
  const group = program.command('host').description('the LXD and Incus servers of the fleet');
  addHostList(group, io);
  addHostShow(group, io);
  addHostProbe(group, io);
  addHostSockets(group, io);
  addHostEnrol(group, io);
  addHostUse(group, io);
  addHostChanges(group, io);
}
