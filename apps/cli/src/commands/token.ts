import type { PART_ROLES, Token } from '@longshore/contract';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { isId } from '../naming/find-instances.ts';
import { addListOptions, addOutputOptions, chooseColumns, collect, type ListOptions } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printList, say, write } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import type { Column } from '../output/table.ts';
import { parseExpiry } from '../parse-expiry.ts';
import { openRun, type Run } from '../run.ts';

/** `token list|create|revoke`. */
export function addTokenCommands(program: Command, io: CliIo): void {
  const group = program
    .command('token')
    .description('tokens of robots, on the fleet or in projects, and your own');
  addList(group, io);
  addCreate(group, io);
  addRevoke(group, io);
}

type Role = (typeof PART_ROLES)[number];
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

/** Whose tokens: of robots on the fleet, of those of one project, or one's own. */
type Whose = Readonly<{ own?: boolean; project?: string }>;

function tokenColumns(now: Date): readonly Column<Token>[] {
  const expired = (row: Token) => row.expiresAt !== null && new Date(row.expiresAt) <= now;
  return [
    { name: 'name', value: (row) => row.name, shown: true },
    { name: 'permits', value: permits, shown: true, shrinks: true },
    { name: 'created', value: (row) => moment(row.createdAt), shown: true },
    {
      name: 'expires',
      value: (row) => (row.expiresAt === null ? 'never' : moment(row.expiresAt)),
      tone: (row) => (expired(row) ? 'bad' : undefined),
      shown: true,
    },
    {
      name: 'used',
      value: (row) => (row.lastUsedAt === null ? 'never' : moment(row.lastUsedAt)),
      shown: true,
    },
    { name: 'from', value: (row) => row.lastUsedFrom ?? '', shown: true },
    { name: 'by', value: (row) => row.createdBy, shown: false },
    { name: 'id', value: (row) => row.id, shown: true },
  ];
}

function permits({ scopes, roles, projects }: Token): string {
  const places = projects === null ? [] : [`in ${projects.map(({ name }) => name).join(',')}`];
  return [...scopes, ...roles.map(({ project, role }) => `${project.name}:${role}`), ...places].join(' ');
}

function addList(group: Command, io: CliIo): void {
  const command = group
    .command('list')
    .alias('ls')
    .description('list tokens of robots; when and from where each was used last')
    .option('--project <name>', 'of robots that have a role in a project')
    .option('--own', 'your own');
  addListOptions(command, { columns: tokenColumns(io.now()) });
  command.action(async (options: ListOptions & Whose, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(tokenColumns(io.now()), options.columns);
    const value = await listOf(run, options);
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.id,
      header: options.header,
      empty: 'There are no tokens.',
    });
  });
}

type CreateOptions = Readonly<{
  scope?: readonly string[];
  project?: readonly string[];
  role?: Role;
  own?: boolean;
  expires?: string;
}>;

function addCreate(group: Command, io: CliIo): void {
  const command = group
    .command('create')
    .argument('<name>', 'what it is for')
    .description('create a token; its secret is shown once. It can do no more than you')
    .option(
      '-s, --scope <scope>',
      'what it may do on the fleet, such as instances:read, instances:* or *; may be repeated (`server show` lists yours)',
      collect,
    )
    .option('-p, --project <name>', 'a role in a project instead, or NAME:ROLE; may be repeated', collect)
    .addOption(new Option('--role <role>', 'the role in the projects that name none').choices(ROLES))
    .option('--own', 'a token of yourself, narrowed to the scopes (default: *) and projects')
    .option('--expires <when>', '30d, 12h, or a date such as 2027-01-31 (default: never)');
  addOutputOptions(command);
  addExamples(
    command,
    'longshore token create deploy --project lab --role operator --expires 90d',
    'longshore token create both --project lab:admin --project web:viewer',
    "longshore token create ci --scope 'instances:*' --scope operations:read --expires 90d",
    'longshore token create laptop --own --project lab --scope instances:read --quiet > token',
  );
  command.action(async (name: string, options: CreateOptions, self: Command) => {
    const run = openRun(io, self);
    const expiresAt = options.expires === undefined ? null : parseExpiry(options.expires, io.now());
    const value = await create(run, name, options, expiresAt);
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    write(run, `${safeText(value.secret)}\n`);
    say(run, `That is the token "${value.name}". Keep it now: it is not shown again.`);
  });
}

/** @throws CliError `usage` for options that make no token */
async function create(run: Run, name: string, options: CreateOptions, expiresAt: string | null) {
  const { scope: scopes = [], project: projects = [] } = options;
  if (options.own === true) {
    if (options.role !== undefined || projects.some((each) => each.includes(':'))) {
      throw new CliError('usage', 'Your own token has your roles.', { hint: 'Narrow it by --scope.' });
    }
    const own = { name, scopes: scopes.length === 0 ? ['*'] : [...scopes], expiresAt };
    const body = { ...own, projects: projects.length === 0 ? null : [...projects] };
    return (await run.call('createMyToken', { body })).value;
  }
  const [first, ...also] = projects.map((text) => projectRole(text, options.role));
  if ((first === undefined) === (scopes.length === 0)) {
    throw new CliError('usage', 'A robot has either scopes on the fleet, or roles in projects.', {
      hint: 'Give --scope, or --project with --role.',
    });
  }
  if (first === undefined)
    return (await run.call('createToken', { body: { name, scopes: [...scopes], expiresAt } })).value;
  const body = { name, role: first.role, also, expiresAt };
  return (await run.call('createProjectToken', { params: { id: first.project }, body })).value;
}

function projectRole(text: string, usual: Role | undefined): { project: string; role: Role } {
  const at = text.lastIndexOf(':');
  const named = at < 0 ? usual : ROLES.find((role) => role === text.slice(at + 1));
  if (named !== undefined) return { project: at < 0 ? text : text.slice(0, at), role: named };
  throw new CliError('usage', `The role in the project "${text}" is missing or unknown.`, {
    hint: `Add --role, or write NAME:ROLE; roles are ${ROLES.join(', ')}.`,
  });
}

function addRevoke(group: Command, io: CliIo): void {
  const command = group
    .command('revoke')
    .argument('<token>', 'name or identifier')
    .description('revoke a token; it stops working at once')
    .option('--project <name>', "take a robot's role in this project; without any other it is revoked")
    .option('--own', 'one of your own');
  addOutputOptions(command);
  command.action(async (text: string, options: Whose, self: Command) => {
    const run = openRun(io, self);
    const token = isId(text) ? { id: text, name: text } : await findToken(run, text, options);
    const { project } = options;
    if (options.own === true) await run.call('revokeMyToken', { params: { id: token.id } });
    else if (project === undefined) await run.call('revokeToken', { params: { id: token.id } });
    else await run.call('revokeProjectToken', { params: { id: project, token: token.id } });
    say(run, `${token.name}: revoked`);
  });
}

async function listOf(run: Run, { own, project }: Whose): Promise<{ items: Token[] }> {
  if (own === true) return (await run.call('listMyTokens')).value;
  if (project === undefined) return (await run.call('listTokens')).value;
  return (await run.call('listProjectTokens', { params: { id: project } })).value;
}

async function findToken(run: Run, name: string, whose: Whose): Promise<Token> {
  const value = await listOf(run, whose);
  const found = value.items.filter((token) => token.name === name);
  const [only] = found;
  if (only === undefined)
    throw new CliError('not-found', `There is no token "${name}".`, {
      hint: 'See `longshore token list`, with --project or --own where it is of a project or yours.',
    });
  if (found.length === 1) return only;
  throw new CliError(
    'ambiguous',
    `"${name}" fits ${found.length} tokens:\n${found.map((token) => `  ${token.id}`).join('\n')}`,
    { hint: 'Name it by its identifier.' },
  );
}
