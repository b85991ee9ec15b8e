import type { Command } from 'commander';
import type { CliIo } from '../cli-io.ts';
import { addInstanceConfigure } from './instance-configure.ts';
import { addInstanceCopy, addInstanceRename } from './instance-copy.ts';
import { addInstanceCreate } from './instance-create.ts';
import { addInstanceDelete } from './instance-delete.ts';
import { addInstanceExport, addInstanceImport } from './instance-export.ts';
import { addInstanceFact, addInstanceLabel } from './instance-facts.ts';
import { addInstanceHostKeys, addInstanceKeys } from './instance-keys.ts';
import { addInstanceList } from './instance-list.ts';
import { addInstanceMove } from './instance-move.ts';
import { addInstancePower } from './instance-power.ts';
import { addInstanceShow } from './instance-show.ts';
import { addInstanceSnapshot } from './instance-snapshot.ts';
import { addInstanceLog, addInstanceUse } from './instance-use.ts';

/** The short forms of what is done most, at the top: `longshore list`. */
export function addShortForms(program: Command, io: CliIo): void {
  addInstanceList(program, io);
  addInstanceShow(program, io);
  addInstanceCreate(program, io, 'launch');
  addInstanceCreate(program, io, 'create');
  addInstancePower(program, io, 'start');
  addInstancePower(program, io, 'stop');
  addInstancePower(program, io, 'restart');
  addInstanceMove(program, io);
  addInstanceDelete(program, io);
}

/** `instance …`: everything about instances. */
export function addInstanceCommands(program: Command, io: CliIo): void {
  const group = program
    .command('instance')
    .description('containers and virtual machines: all verbs, also those without a short form');
  addInstanceList(group, io);
  addInstanceShow(group, io);
  addInstanceCreate(group, io, 'launch');
  addInstanceCreate(group, io, 'create');
  addInstanceUse(group, io);
  addInstanceLog(group, io);
  for (const verb of ['start', 'stop', 'restart', 'freeze', 'unfreeze'] as const)
    addInstancePower(group, io, verb);
  addInstanceConfigure(group, io);
  addInstanceLabel(group, io);
  for (const verb of ['protect', 'unprotect', 'claim'] as const) addInstanceFact(group, io, verb);
  addInstanceRename(group, io);
  addInstanceMove(group, io);
  addInstanceCopy(group, io);
  addInstanceDelete(group, io);
  addInstanceSnapshot(group, io);
  addInstanceKeys(group, io);
  addInstanceHostKeys(group, io);
  addInstanceExport(group, io);
  addInstanceImport(group, io);
}
