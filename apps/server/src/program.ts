/** The server program: `serve`, and what an administrator does on the machine itself. */
import { LongshoreError } from '@longshore/contract';
import { StoreError } from '@longshore/store';
import { Command } from 'commander';
import { backupTo, newAdminToken, newSetupLink, restoreFrom, rotateKeys } from './administration.ts';
import { ConfigurationError } from './configuration.ts';
import { type ServeOptions, serve } from './serve.ts';
import { programVersion } from './version.ts';

const wanted = process.versions.node.split('.')[0];
if (Number(wanted) < 24) {
  process.stderr.write(`longshore: needs Node 24, this is ${process.version}; start it with "npm start"\n`);
  process.exit(1);
}

const program = new Command('longshore-server')
  .description('One private cloud out of independent LXD and Incus hosts: the server.')
  .version(programVersion())
  .addHelpText('after', '\nSettings are environment variables: docs/configuration.md.');

program
  .command('serve')
  .description('run until Ctrl-C; without DATABASE_URL with its own PostgreSQL')
  .option('--data <folder>', 'data folder (LONGSHORE_DATA)')
  .option('--listen <address:port>', 'where the API answers (LONGSHORE_LISTEN)')
  .option('--roles <list>', 'api, worker or both (LONGSHORE_ROLES)')
  .option('--announce', 'print one JSON line when ready, instead of a text')
  .action(async (options: ServeOptions) => {
    process.exitCode = await serve(options);
  });

program
  .command('admin-token')
  .description('make a new administrator token, when all others are lost')
  .action(newAdminToken);
program
  .command('setup-link')
  .description('make a new set-up link, with which somebody makes an administrator account; once, for a day')
  .action(newSetupLink);
program
  .command('backup <file>')
  .description('write the whole database into one file; also while the server runs on its own PostgreSQL')
  .action(backupTo);
program
  .command('restore <file>')
  .description('read a backup into an empty database; the server must not run')
  .action(restoreFrom);
program
  .command('rotate-keys')
  .description('make a new sealing key and seal every secret anew under it')
  .action(rotateKeys);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`longshore: ${describe(error)}\n`);
  process.exitCode = 1;
}

/** What a person can act on in one line; a stack only for what we did not foresee. */
function describe(error: unknown): string {
  if (error instanceof LongshoreError)
    return error.hint === undefined ? error.message : `${error.message}\n  ${error.hint}`;
  if (error instanceof ConfigurationError || error instanceof StoreError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}; something else listens there: choose another address with LONGSHORE_LISTEN`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
