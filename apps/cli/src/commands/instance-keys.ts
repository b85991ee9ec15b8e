import type { InstanceSshKeys, SshHostKey } from '@longshore/contract';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addOutputOptions, addWaitOptions, collect, type WaitOptions } from '../options.ts';
import { moment } from '../output/figures.ts';
import { printList, printObject, tableSection, write } from '../output/print.ts';
import type { Column, Tone } from '../output/table.ts';
import { openRun, type Run } from '../run.ts';
import { keyText } from './key.ts';

type Account = InstanceSshKeys['users'][number];
type Key = InstanceSshKeys['keys'][number];

const TONES: Readonly<Record<Account['state'] | Key['state'], Tone | undefined>> = {
  in_step: undefined,
  pending: 'doubtful',
  unreachable: 'doubtful',
  failed: 'bad',
  no_user: 'doubtful',
  leaving: 'bad',
};
const words = (state: Account['state'] | Key['state']): string => state.replace('_', ' ');

const ACCOUNTS: readonly Column<Account>[] = [
  { name: 'account', value: (row) => row.user, shown: true },
  { name: 'state', value: (row) => words(row.state), tone: (row) => TONES[row.state], shown: true },
  { name: 'since', value: (row) => moment(row.since), shown: true },
  { name: 'looked', value: (row) => (row.checkedAt === null ? 'never' : moment(row.checkedAt)), shown: true },
  { name: 'reason', value: (row) => row.reason ?? '', shown: true },
];
const KEYS: readonly Column<Key>[] = [
  { name: 'person', value: (row) => row.person.name, shown: true },
  { name: 'fingerprint', value: (row) => row.fingerprint, shown: true },
  { name: 'comment', value: (row) => row.comment, shown: true },
  { name: 'state', value: (row) => words(row.state), tone: (row) => TONES[row.state], shown: true },
  { name: 'in', value: (row) => row.users.join(' '), shown: true },
];

/** `instance keys NAME`. */
export function addInstanceKeys(parent: Command, io: CliIo): void {
  const command = parent
    .command('keys')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .description('show whose SSH keys an instance shall have, in which accounts, and what it has')
    .option('--account <name>', 'from now on the keys go to this account; may be repeated', collect)
    .option('--no-accounts', 'from now on no account has them')
    .option(
      '--usual',
      'from now on the accounts that the project says, or root and the default user of the image',
    );
  addOutputOptions(command);
  addExamples(
    command,
    'longshore instance keys web1',
    'longshore instance keys web1 --account root --account deploy',
  );
  type Options = Readonly<{ account?: readonly string[]; accounts: boolean; usual?: boolean }>;
  command.action(async (name: string, options: Options, self: Command) => {
    const run = openRun(io, self);
    const { id } = await findInstance(run, name);
    const users = usersOf(options);
    const { value } =
      users === undefined
        ? await run.call('getInstanceSshKeys', { params: { id } })
        : await run.call('setInstanceSshAccess', { params: { id }, body: { users } });
    const { access } = value;
    const accounts =
      access.users === null ? 'root and the default user of the image' : access.users.join(', ');
    await printObject(run, {
      document: value,
      handle: name,
      facts: [
        ['Accounts', accounts === '' ? 'none' : accounts],
        ['Set by', access.from === 'default' ? null : access.from],
      ],
      sections: [
        ...(value.users.length === 0 ? [] : [tableSection(run, 'Accounts', ACCOUNTS, value.users)]),
        ...(value.keys.length === 0 ? [] : [tableSection(run, 'Keys', KEYS, value.keys)]),
      ],
    });
  });
}

function usersOf(
  options: Readonly<{ account?: readonly string[]; accounts: boolean; usual?: boolean }>,
): string[] | null | undefined {
  const asked = [options.account !== undefined, !options.accounts, options.usual === true];
  if (asked.filter(Boolean).length > 1) {
    throw new CliError('usage', '--account, --no-accounts and --usual exclude each other.', {
      hint: 'Give one of them.',
    });
  }
  if (options.usual === true) return null;
  if (!options.accounts) return [];
  return options.account === undefined ? undefined : [...options.account];
}

const HOST_KEYS: readonly Column<SshHostKey>[] = [
  { name: 'type', value: (row) => `${row.type} ${row.bits}`, shown: true },
  { name: 'fingerprint', value: (row) => row.fingerprint, shown: true },
  { name: 'origin', value: (row) => row.origin, shown: true },
  { name: 'since', value: (row) => moment(row.createdAt), shown: true },
  { name: 'key', value: (row) => row.publicKey, shown: false },
];

/** `instance host-keys NAME [rotate|import] [FILE…]`. */
export function addInstanceHostKeys(parent: Command, io: CliIo): void {
  const command = parent
    .command('host-keys')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .argument('[verb]', 'rotate: make new ones; import: keep those that the guest has, or the given ones')
    .argument('[files...]', 'private key files to import, without a passphrase')
    .description('show, rotate or import the SSH host keys of an instance')
    .option(
      '--type <type>',
      'of new keys: ed25519, ecdsa or rsa; may be repeated (default: ed25519 and ecdsa)',
      collect,
    );
  addWaitOptions(command);
  addExamples(
    command,
    'longshore instance host-keys web1',
    'longshore instance host-keys web1 rotate',
    'longshore instance host-keys found import',
  );
  type Options = WaitOptions & Readonly<{ type?: readonly string[] }>;
  command.action(
    async (
      name: string,
      verb: string | undefined,
      files: readonly string[],
      options: Options,
      self: Command,
    ) => {
      const run = openRun(io, self);
      const { id } = await findInstance(run, name);
      switch (verb) {
        case undefined:
          return show(run, id);
        case 'rotate': {
          const { value } = await run.call('rotateSshHostKeys', {
            params: { id },
            body: rotation(options.type),
          });
          const { operation } = value;
          await finishChange(run, { operation, title: `rotate host keys of ${name}`, handle: name }, options);
          return;
        }
        case 'import': {
          const keys = await Promise.all(files.map((file) => keyText(io, file)));
          const body = keys.length === 0 ? ({ from: 'guest' } as const) : ({ from: 'keys', keys } as const);
          const { operation } = (await run.call('importSshHostKeys', { params: { id }, body })).value;
          await finishChange(run, { operation, title: `import host keys of ${name}`, handle: name }, options);
          return;
        }
        default:
          throw new CliError('usage', `There is no verb "${verb}".`, { hint: 'Use rotate or import.' });
      }
    },
  );
}

function rotation(types: readonly string[] | undefined): { types?: ('ed25519' | 'ecdsa' | 'rsa')[] } {
  if (types === undefined) return {};
  return {
    types: types.map((type) => {
      if (type === 'ed25519' || type === 'ecdsa' || type === 'rsa') return type;
      throw new CliError('usage', `There are no host keys of type "${type}".`, {
        hint: 'Use ed25519, ecdsa or rsa.',
      });
    }),
  };
}

async function show(run: Run, id: string): Promise<void> {
  const { value } = await run.call('listSshHostKeys', { params: { id } });
  await printList(run, {
    rows: value.items,
    columns: HOST_KEYS.filter((column) => column.shown),
    document: value,
    handle: (row) => row.fingerprint,
    header: true,
    empty: 'Longshore has no host keys of it. `import` keeps those of the guest, `rotate` makes new ones.',
  });
}

/** `known-hosts`. */
export function addKnownHosts(program: Command, io: CliIo): void {
  const command = program
    .command('known-hosts')
    .description('print the host keys of all instances as a known_hosts file of OpenSSH')
    .option('--no-addresses', 'by name alone: guests say what their addresses are');
  addExamples(command, 'longshore known-hosts > ~/.ssh/known_hosts.longshore');
  command.action(async (options: { addresses: boolean }, self: Command) => {
    const run = openRun(io, self);
    const client = await run.client();
    const response = await client.download('getKnownHosts', {
      query: { addresses: options.addresses ? 'true' : 'false' },
      signal: run.signal,
    });
    // Names, addresses and base64: the server lets nothing else into it.
    write(run, await response.text());
  });
}
