import { readFile } from 'node:fs/promises';
import type { SshKey, SshKeyList } from '@longshore/contract';
import type { Command } from 'commander';
import { confirm } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { isId } from '../naming/find-instances.ts';
import { addListOptions, addOutputOptions, chooseColumns, type ListOptions } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printDocument, printList, say } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { parseExpiry } from '../parse-expiry.ts';
import { openRun, type Run } from '../run.ts';
import { findPerson } from './person.ts';

/** `key list|add|remove`. */
export function addKeyCommands(program: Command, io: CliIo): void {
  const group = program
    .command('key')
    .description('your SSH keys, which go to every instance that you may log in to');
  addList(group, io);
  addAdd(group, io);
  addRemove(group, io);
}

const COLUMNS: readonly Column<SshKey>[] = [
  { name: 'fingerprint', value: (row) => row.fingerprint, shown: true },
  { name: 'type', value: (row) => `${row.type} ${row.bits}`, shown: true },
  { name: 'comment', value: (row) => row.comment, shown: true, shrinks: true },
  { name: 'from', value: (row) => row.provider ?? 'added by hand', shown: true },
  {
    name: 'expires',
    value: (row) => (row.expiresAt === null ? 'never' : moment(row.expiresAt)),
    shown: true,
  },
  { name: 'added', value: (row) => moment(row.createdAt), shown: false },
  { name: 'key', value: (row) => row.publicKey, shown: false },
  { name: 'id', value: (row) => row.id, shown: false },
];

type Whose = Readonly<{ person?: string }>;

function addList(group: Command, io: CliIo): void {
  const command = group
    .command('list')
    .alias('ls')
    .description('list SSH keys, where they come from, and on how many instances they are')
    .option('--person <name>', "another person's (for administrators)");
  addListOptions(command, { columns: COLUMNS });
  command.action(async (options: ListOptions & Whose, self: Command) => {
    const run = openRun(io, self);
    const columns = chooseColumns(COLUMNS, options.columns);
    const value = await keysOf(run, options);
    await printList(run, {
      rows: value.items,
      columns,
      document: value,
      handle: (row) => row.fingerprint,
      header: options.header,
      empty: 'There are no SSH keys. Add one: longshore key add ~/.ssh/id_ed25519.pub',
    });
    for (const { provider, state, failure, fetchedAt } of value.sources) {
      const since = fetchedAt === null ? '' : `; the keys are of ${moment(fetchedAt)}`;
      if (state !== 'fresh' || failure !== null) say(run, `${provider}: ${failure ?? state}${since}`);
    }
    const { inStep, pending, leaving } = value.instances;
    if (inStep + pending + leaving > 0) {
      say(run, `instances: ${inStep} in step, ${pending} pending, ${leaving} still to be left`);
    }
  });
}

function addAdd(group: Command, io: CliIo): void {
  const command = group
    .command('add')
    .argument('<file>', 'a public key file such as ~/.ssh/id_ed25519.pub, or - for standard input')
    .description('add an SSH key of yours')
    .option('--comment <text>', 'instead of the one in the file')
    .option('--expires <when>', '30d, 12h, or a date such as 2027-01-31 (default: never)');
  addOutputOptions(command);
  addExamples(
    command,
    'longshore key add ~/.ssh/id_ed25519.pub',
    'ssh-add -L | head -1 | longshore key add - --expires 30d',
  );
  command.action(async (file: string, options: { comment?: string; expires?: string }, self: Command) => {
    const run = openRun(io, self);
    const key = await keyText(io, file);
    const { value } = await run.call('addMySshKey', {
      body: {
        key,
        ...(options.comment === undefined ? {} : { comment: options.comment }),
        ...(options.expires === undefined ? {} : { expiresAt: parseExpiry(options.expires, io.now()) }),
      },
    });
    if (run.format === 'json' || run.format === 'yaml') return printDocument(run, value);
    say(run, `${value.fingerprint}: added`);
  });
}

function addRemove(group: Command, io: CliIo): void {
  const command = group
    .command('remove')
    .alias('rm')
    .argument('<key>', 'fingerprint, comment or identifier')
    .description('remove an SSH key; it leaves the instances')
    .option('--person <name>', "another person's (for administrators)")
    .option('-y, --yes', 'do not ask');
  addOutputOptions(command);
  command.action(async (text: string, options: Whose & { yes?: boolean }, self: Command) => {
    const run = openRun(io, self);
    const key = pick(text, (await keysOf(run, options)).items);
    await confirm(run, `Remove the key ${key.fingerprint} (${key.comment})?`, options.yes === true);
    if (options.person === undefined) await run.call('removeMySshKey', { params: { id: key.id } });
    else {
      const { id } = await findPerson(run, options.person);
      await run.call('removeSshKeyOfPerson', { params: { id, key: key.id } });
    }
    say(run, `${key.fingerprint}: removed`);
  });
}

async function keysOf(run: Run, { person }: Whose): Promise<SshKeyList> {
  if (person === undefined) return (await run.call('listMySshKeys')).value;
  const { id } = await findPerson(run, person);
  return (await run.call('listSshKeysOfPerson', { params: { id } })).value;
}

function pick(text: string, keys: readonly SshKey[]): SshKey {
  const found = keys.filter((key) =>
    isId(text) ? key.id === text.toLowerCase() : key.fingerprint === text || key.comment === text,
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined)
    throw new CliError('not-found', `There is no SSH key "${text}".`, { hint: 'See `longshore key list`.' });
  const lines = found.map((key) => `  ${key.fingerprint}  ${key.id}`);
  throw new CliError('ambiguous', `"${text}" fits ${found.length} keys:\n${lines.join('\n')}`, {
    hint: 'Name it by its identifier.',
  });
}

/** What a key file, or standard input, holds; far too much is not read to its end. */
export async function keyText(io: CliIo, file: string): Promise<string> {
  const MAX_BYTES = 65_536;
  if (file !== '-') {
    try {
      return (await readFile(file)).subarray(0, MAX_BYTES).toString('utf8');
    } catch (cause) {
      throw new CliError('usage', `The file ${file} cannot be read.`, {
        hint: 'Name a file, or - for standard input.',
        cause,
      });
    }
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of io.stdin) {
    const chunk = Buffer.from(part);
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}
