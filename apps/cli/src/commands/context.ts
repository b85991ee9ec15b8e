import type { Command } from 'commander';
import { askSecret } from '../ask.ts';
import { checked } from '../choose-server.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { type Context, type Contexts, contextsPath, readContexts, writeContexts } from '../contexts.ts';
import { addExamples } from '../docs/examples.ts';
import { addListOptions, chooseColumns, type ListOptions } from '../options.ts';
import { printList, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { clientFor, openRun } from '../run.ts';

/** `context list|add|use|remove`. */
export function addContextCommands(program: Command, io: CliIo): void {
  const group = program.command('context').description('servers you work with, and your tokens for them');
  addList(group, io);
  addAdd(group, io);
  addUse(group, io);
  addRemove(group, io);
}

type Row = Readonly<{ name: string; url: string; project: string | null; current: boolean }>;

const contextColumns: readonly Column<Row>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'url', value: (row) => row.url, shown: true },
  { name: 'project', value: (row) => row.project ?? '', shown: true },
  { name: 'current', value: (row) => (row.current ? 'yes' : ''), shown: true },
];

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list contexts; tokens are not shown');
  addListOptions(command, { columns: contextColumns });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const { current, contexts } = await readContexts(io.env);
    const rows = Object.entries(contexts).map(([name, { url, project }]) => ({
      name,
      url,
      project: project ?? null,
      current: name === current,
    }));
    await printList(run, {
      rows,
      columns: chooseColumns(contextColumns, options.columns),
      document: { items: rows },
      handle: (row) => row.name,
      header: options.header,
      empty: 'There are no contexts. Add one with `longshore context add NAME URL`.',
    });
  });
}

/** Adds a context, or gives an existing one another address and token; the first one becomes the current one. */
export async function saveContext(
  io: CliIo,
  name: string,
  context: Context,
  use: boolean,
): Promise<Contexts> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/.test(name))
    throw new CliError('usage', `"${name}" is no name for a context.`, {
      hint: 'Use letters, digits, dots, underscores and hyphens.',
    });
  const before = await readContexts(io.env);
  const after = {
    current: use || before.current === null ? name : before.current,
    contexts: { ...before.contexts, [name]: context },
  };
  await writeContexts(io.env, after);
  return after;
}

function addAdd(group: Command, io: CliIo): void {
  const command = group
    .command('add')
    .argument('<name>', 'what you call it')
    .argument('<url>', 'address of the server, such as https://longshore.example.org')
    .description('add a server; asks for the token, or reads it from standard input')
    .option('--project <name>', 'project to work in: new instances belong to it, and lists show it')
    .option('--use', 'make it the current one')
    .option('--no-check', 'do not ask the server whether the token is valid');
  addExamples(
    command,
    'longshore context add work https://longshore.example.org',
    'printf %s "$TOKEN" | longshore context add work https://longshore.example.org --use',
  );
  command.action(
    async (
      name: string,
      address: string,
      options: { use?: boolean; check: boolean; project?: string },
      self: Command,
    ) => {
      const run = openRun(io, self);
      const url = checked(address);
      const token = await askSecret(run, `Token for ${url} (not shown): `);
      if (token === '') throw new CliError('declined', 'No token; nothing was changed.');
      if (options.check) await clientFor(io, url, token).call('getServer', { signal: run.signal });
      const project = options.project === undefined ? {} : { project: options.project };
      const { current } = await saveContext(io, name, { url, token, ...project }, options.use === true);
      say(run, `${name}: added${current === name ? ', and current' : ''}`);
      const { hostname, protocol } = new URL(url);
      if (protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(hostname))
        say(run, 'Mind that the token goes over the network unencrypted: the address is not https.');
    },
  );
}

function addUse(group: Command, io: CliIo): void {
  const command = group
    .command('use')
    .argument('<context>', 'name')
    .description('make a context the current one')
    .option('--project <name>', 'and work in this project there')
    .option('--no-project', 'and work in no project there');
  addExamples(command, 'longshore context use work --project shop');
  command.action(async (name: string, options: { project?: string | false }, self: Command) => {
    const run = openRun(io, self);
    const { contexts, context } = await readExisting(io, name);
    const { project: before, ...server } = context;
    const project = options.project ?? before;
    const chosen = typeof project === 'string' ? { ...server, project } : server;
    await writeContexts(io.env, { current: name, contexts: { ...contexts, [name]: chosen } });
    say(run, `${name}: current${typeof project === 'string' ? `, in project ${project}` : ''}`);
  });
}

function addRemove(group: Command, io: CliIo): void {
  const command = group
    .command('remove')
    .alias('rm')
    .argument('<context>', 'name')
    .description('forget a context and its token; the token stays valid at the server');
  command.action(async (name: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const before = await readExisting(io, name);
    const { [name]: _removed, ...contexts } = before.contexts;
    await writeContexts(io.env, { current: before.current === name ? null : before.current, contexts });
    say(run, `${name}: removed`);
  });
}

async function readExisting(io: CliIo, name: string): Promise<Contexts & { readonly context: Context }> {
  const contexts = await readContexts(io.env);
  const context = Object.hasOwn(contexts.contexts, name) ? contexts.contexts[name] : undefined;
  if (context !== undefined) return { ...contexts, context };
  throw new CliError('not-found', `There is no context "${name}" in ${contextsPath(io.env)}.`, {
    hint: 'See `longshore context list`.',
  });
}
