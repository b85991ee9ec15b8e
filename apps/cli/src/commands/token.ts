import type { Token } from '@longshore/contract';
import type { Command } from 'commander';
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
  const group = program.command('token').description('who may use the API, and for what');
  addList(group, io);
  addCreate(group, io);
  addRevoke(group, io);
}

function tokenColumns(now: Date): readonly Column<Token>[] {
  const expired = (row: Token) => row.expiresAt !== null && new Date(row.expiresAt) <= now;
  return [
    { name: 'name', value: (row) => row.name, shown: true },
    { name: 'scopes', value: (row) => row.scopes.join(' '), shown: true, shrinks: true },
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
    { name: 'id', value: (row) => row.id, shown: true },
  ];
}

function addList(group: Command, io: CliIo): void {
  const command = group.command('list').alias('ls').description('list tokens');
  addListOptions(command, { columns: tokenColumns(io.now()) });
  command.action(async (options: ListOptions, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(tokenColumns(io.now()), options.columns);
    const { value } = await run.call('listTokens');
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

function addCreate(group: Command, io: CliIo): void {
  const command = group
    .command('create')
    .argument('<name>', 'what it is for')
    .description('create a token; its secret is shown once. It can do no more than yours')
    .requiredOption(
      '-s, --scope <scope>',
      'what it may do, such as instances:read, instances:* or *; may be repeated (`server show` lists yours)',
      collect,
    )
    .option('--expires <when>', '30d, 12h, or a date such as 2027-01-31 (default: never)');
  addOutputOptions(command);
  addExamples(
    command,
    "longshore token create ci --scope 'instances:*' --scope operations:read --expires 90d",
    'longshore token create dashboard --scope instances:read --quiet > token',
  );
  command.action(async (name: string, options: { scope: string[]; expires?: string }, self: Command) => {
    const run = openRun(io, self);
    const { value } = await run.call('createToken', {
      body: {
        name,
        scopes: options.scope,
        expiresAt: options.expires === undefined ? null : parseExpiry(options.expires, io.now()),
      },
    });
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    write(run, `${safeText(value.secret)}\n`);
    say(run, `That is the token "${value.name}". Keep it now: it is not shown again.`);
  });
}

function addRevoke(group: Command, io: CliIo): void {
  const command = group
    .command('revoke')
    .argument('<token>', 'name or identifier')
    .description('revoke a token; it stops working at once');
  addOutputOptions(command);
  command.action(async (text: string, _options: object, self: Command) => {
    const run = openRun(io, self);
    const token = isId(text) ? { id: text, name: text } : await findToken(run, text);
    await run.call('revokeToken', { params: { id: token.id } });
    say(run, `${token.name}: revoked`);
  });
}

async function findToken(run: Run, name: string): Promise<Token> {
  const { value } = await run.call('listTokens');
  const found = value.items.filter((token) => token.name === name);
  const [only] = found;
  if (only === undefined)
    throw new CliError('not-found', `There is no token "${name}".`, { hint: 'See `longshore token list`.' });
  if (found.length === 1) return only;
  throw new CliError(
    'ambiguous',
    `"${name}" fits ${found.length} tokens:\n${found.map((token) => `  ${token.id}`).join('\n')}`,
    { hint: 'Name it by its identifier.' },
  );
}
