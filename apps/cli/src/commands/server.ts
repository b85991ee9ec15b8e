import type { Command } from 'commander';
import { checked, chooseServer } from '../choose-server.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { addOutputOptions } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printObject, say, write } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import { clientFor, openRun } from '../run.ts';
import { saveContext } from './context.ts';

/** `server show`: what runs there and what the token permits. */
export function addServerCommands(program: Command, io: CliIo): void {
  const group = program.command('server').description('the Longshore server itself');
  const command = group.command('show').description('show the server, and what your token permits');
  addOutputOptions(command);
  command.action(async (_options: object, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('getServer');
    await printObject(run, {
      document: value,
      handle: value.version,
      facts: [
        ['Version', value.version],
        ['Installation', value.installationId],
        ['Token', value.token.name],
        ['Expires', value.token.expiresAt === null ? 'never' : moment(value.token.expiresAt)],
        ['Permits', value.token.permissions.join(', ')],
        ['Certificate', value.clientCertificate.fingerprint],
        ['PEM', value.clientCertificate.pem],
      ],
    });
  });
}

type SetupOptions = Readonly<{ context?: string; server?: string }>;

/** `setup LINK`: redeems the one-time link of a server's first start. */
export function addSetup(program: Command, io: CliIo): void {
  const command = program
    .command('setup')
    .argument('<link>', "the set-up link that a server's first start has printed, or its code")
    .description(
      "exchange a first start's set-up link for the administrator's token, and keep it as a context",
    )
    .option('--name <context>', 'name of the context', 'default')
    .option('--no-save', 'print the token instead of keeping it');
  addOutputOptions(command);
  addExamples(command, 'longshore setup http://127.0.0.1:8420/setup#AbCdEf');
  command.action(async (link: string, options: { name: string; save: boolean }, self: Command) => {
    const run = openRun(io, self);
    const given: SetupOptions = self.optsWithGlobals();
    const { url, code } = readLink(link) ?? { url: (await serverFor(io, given)).url, code: link };
    const { value } = await clientFor(io, url, undefined).call('redeemSetup', {
      body: { code },
      signal: run.signal,
    });
    if (options.save) await saveContext(io, options.name, { url, token: value.secret }, true);
    if (run.format === 'json' || run.format === 'yaml') await printDocument(run, value);
    else if (!options.save) write(run, `${safeText(value.secret)}\n`);
    else say(run, `${options.name}: added with the token "${value.name}", and current`);
  });
}

function serverFor(io: CliIo, given: SetupOptions) {
  return chooseServer({
    env: io.env,
    ...(given.server === undefined ? {} : { server: given.server }),
    ...(given.context === undefined ? {} : { context: given.context }),
  });
}

/** The server and the code in `https://SERVER/ui/setup#CODE` or `/setup#CODE`; undefined when it is no link. */
function readLink(link: string): { url: string; code: string } | undefined {
  if (!URL.canParse(link) || !/^https?:/.test(link)) return undefined;
  const parsed = new URL(link);
  const code = parsed.hash.slice(1);
  if (code === '')
    throw new CliError('usage', 'The link has no code.', { hint: 'Put it in quotes: its code follows a #.' });
  parsed.hash = '';
  return { url: checked(parsed.href.replace(/(\/ui)?\/setup\/?$/, '')), code };
}
