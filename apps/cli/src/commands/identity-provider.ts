import { readFile } from 'node:fs/promises';
import type { IdentityProvider } from '@longshore/contract';
import { type Command, Option } from 'commander';
import { askSecret, confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { isId } from '../naming/find-instances.ts';
import { addListOptions, addOutputOptions, chooseColumns, collect, type ListOptions } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printList, printObject, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';

/** `identity-provider list|add|edit|remove|test`. */
export function addIdentityProviderCommands(program: Command, io: CliIo): void {
  const group = program
    .command('identity-provider')
    .description('GitLab and other OpenID Connect providers that people log in at');
  addList(group, io);
  addAdd(group, io);
  addEdit(group, io);
  addRemove(group, io);
  addTest(group, io);
}

const COLUMNS: readonly Column<IdentityProvider>[] = [
  { name: 'name', value: (row) => row.name, shown: true },
  { name: 'title', value: (row) => row.title, shown: true },
  { name: 'kind', value: (row) => row.kind, shown: true },
  { name: 'issuer', value: (row) => row.issuer, shown: true },
  {
    name: 'state',
    value: (row) => (!row.enabled ? 'disabled' : (row.lastFailure ?? 'enabled')),
    tone: (row) => (row.enabled && row.lastFailure !== null ? 'bad' : undefined),
    shown: true,
    shrinks: true,
  },
  { name: 'client', value: (row) => row.clientId, shown: false },
  { name: 'scopes', value: (row) => row.scopes.join(' '), shown: false },
  { name: 'groups', value: (row) => row.groupsClaim, shown: false },
  { name: 'created', value: (row) => moment(row.createdAt), shown: false },
  { name: 'id', value: (row) => row.id, shown: false },
];

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list identity providers');
  addListOptions(command, { columns: COLUMNS });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const { value } = await run.call('listIdentityProviders');
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.name,
      header: options.header,
      empty: 'There are no identity providers: people have local accounts.',
    });
  });
}

type Settings = Readonly<{
  title?: string;
  clientId?: string;
  scope?: readonly string[];
  groupsClaim?: string;
  secretFile?: string;
}>;

function addSettings(command: Command): Command {
  return command
    .option('--title <text>', 'on the button of the login page')
    .option(
      '--scope <scope>',
      'what to ask for beside openid; may be repeated (default: profile, email)',
      collect,
    )
    .option('--groups-claim <name>', 'the claim that lists the groups of a person (default: groups)')
    .option(
      '--secret-file <path>',
      "the client's secret; without it, it is asked for, or read from standard input",
    );
}

type AddOptions = Settings &
  Readonly<{ kind: 'gitlab' | 'oidc'; issuer: string; clientId: string; disabled?: boolean }>;

function addAdd(group: Command, io: CliIo): void {
  const command = group
    .command('add')
    .argument('<name>', 'short name: stands in addresses, and before the names of its groups')
    .description('add an identity provider; enter its redirect address there, as `test` shows it')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['gitlab', 'oidc']).default('oidc'))
    .requiredOption('--issuer <url>', 'address of GitLab, or the issuer as the provider calls itself')
    .requiredOption('--client-id <id>', 'as the provider gave it')
    .option('--disabled', 'not on the login page yet');
  addSettings(command);
  addOutputOptions(command);
  addExamples(
    command,
    "longshore identity-provider add gitlab --kind gitlab --issuer https://gitlab.example.org --client-id 4f… --title 'GitLab'",
    'longshore identity-provider test gitlab',
    'longshore role give group:gitlab:infra/admins admin',
  );
  command.action(async (name: string, options: AddOptions, self: Command) => {
    const run = openRun(io, self);
    const { kind, issuer, clientId } = options;
    const body = {
      name,
      kind,
      issuer,
      clientId,
      title: options.title ?? (kind === 'gitlab' ? 'GitLab' : name),
      clientSecret: await readClientSecret(run, options),
      ...(options.scope === undefined ? {} : { scopes: [...options.scope] }),
      ...(options.groupsClaim === undefined ? {} : { groupsClaim: options.groupsClaim }),
      enabled: options.disabled !== true,
    };
    const { value } = await run.call('createIdentityProvider', { body });
    await tell(run, value, 'added; try it with `longshore identity-provider test`');
  });
}

type EditOptions = Settings & Readonly<{ newSecret?: boolean; enable?: boolean; disable?: boolean }>;

function addEdit(group: Command, io: CliIo): void {
  const command = group
    .command('edit')
    .argument('<provider>', 'name or identifier')
    .description('change an identity provider; another issuer is another provider')
    .option('--client-id <id>', 'as the provider gave it')
    .option('--new-secret', "give a new client's secret")
    .option('--enable', 'show it on the login page')
    .option('--disable', 'let nobody log in by it');
  addSettings(command);
  addOutputOptions(command);
  command.action(async (who: string, options: EditOptions, self: Command) => {
    const run = openRun(io, self);
    if (options.enable === true && options.disable === true)
      throw new CliError('usage', '--enable and --disable exclude each other.', { hint: 'Give one.' });
    const provider = await findProvider(run, who);
    const secret = options.newSecret === true || options.secretFile !== undefined;
    const body = {
      ...(options.title === undefined ? {} : { title: options.title }),
      ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
      ...(options.scope === undefined ? {} : { scopes: [...options.scope] }),
      ...(options.groupsClaim === undefined ? {} : { groupsClaim: options.groupsClaim }),
      ...(options.enable === true ? { enabled: true } : {}),
      ...(options.disable === true ? { enabled: false } : {}),
      ...(secret ? { clientSecret: await readClientSecret(run, options) } : {}),
    };
    if (Object.keys(body).length === 0)
      throw new CliError('usage', 'Nothing to change.', { hint: 'Give at least one option.' });
    const { value } = await run.call('updateIdentityProvider', { params: { id: provider.id }, body });
    await tell(run, value, 'changed');
  });
}

function addRemove(group: Command, io: CliIo): void {
  const command = group
    .command('remove')
    .alias('rm')
    .argument('<provider>', 'name or identifier')
    .description('remove an identity provider, and the sessions and roles that came by it; the people stay')
    .option('-y, --yes', 'do not ask');
  addOutputOptions(command);
  command.action(async (who: string, options: { yes?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const provider = await findProvider(run, who);
    await confirm(
      run,
      `Remove ${provider.name}? Who has no other way in cannot log in.`,
      options.yes === true,
    );
    await run.call('deleteIdentityProvider', { params: { id: provider.id } });
    say(run, `${provider.name}: removed`);
  });
}

function addTest(group: Command, io: CliIo): void {
  const command = group
    .command('test')
    .argument('<provider>', 'name or identifier')
    .description('ask a provider whether it can be used as it is set up here (exit code 1: it cannot)');
  addOutputOptions(command);
  command.action(async (who: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const provider = await findProvider(run, who);
    const { value } = await run.call('testIdentityProvider', { params: { id: provider.id }, body: {} });
    await printObject(run, {
      document: value,
      handle: value.ok ? 'ok' : 'failed',
      facts: [
        ['Result', value.ok ? 'it can be used' : (value.failure ?? 'failed'), value.ok ? 'good' : 'bad'],
        ['Issuer', value.issuer],
        ['Login page', value.authorizationUrl],
        ['Redirect address', value.callbackUrl],
        ...value.warnings.map((text) => ['Warning', text, 'doubtful'] as const),
      ],
    });
    if (!value.ok) throw new CliError('failed', `${provider.name} cannot be used now.`);
  });
}

/** Never out of the command line itself, where other users of the machine and the shell's history see it. */
async function readClientSecret(run: Run, { secretFile }: Settings): Promise<string> {
  if (secretFile === undefined) return askSecret(run, "The client's secret (not shown): ");
  try {
    return (await readFile(secretFile, 'utf8')).trim();
  } catch (error) {
    throw new CliError('usage', `The file ${secretFile} cannot be read.`, {
      hint: error instanceof Error ? error.message : '',
      cause: error,
    });
  }
}

async function tell(run: Run, provider: IdentityProvider, done: string): Promise<void> {
  if (run.format === 'json' || run.format === 'yaml') return printDocument(run, provider);
  say(run, `${provider.name}: ${done}`);
}

async function findProvider(run: Run, text: string): Promise<IdentityProvider> {
  const { value } = await run.call('listIdentityProviders');
  const found = value.items.find((each) =>
    isId(text) ? each.id === text.toLowerCase() : each.name === text,
  );
  if (found !== undefined) return found;
  throw new CliError('not-found', `There is no identity provider "${text}".`, {
    hint: 'See `longshore identity-provider list`.',
  });
}
