import type { HostEnrolment, Operation } from '@longshore/contract';
import type { Command } from 'commander';
import { ask, askSecret, canAsk, confirm, readSecret } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { newKey } from '../new-key.ts';
import { finishChange } from '../operations/finish-change.ts';
import { addWaitOptions, collect, labelOptions, type WaitOptions } from '../options.ts';
import { say } from '../output/print.ts';
import { openRun, type Run } from '../run.ts';
import { probeHost } from './host-probe.ts';

type Options = WaitOptions &
  Readonly<{
    url?: string;
    token?: string;
    passwordStdin?: boolean;
    fingerprint?: string;
    trusted?: boolean;
    socket?: string;
    name?: string;
    label?: readonly string[];
  }>;
type Access = HostEnrolment['access'];

/** `host enrol`: by token, password, existing trust or socket; asks where it has only an address. */
export function addHostEnrol(group: Command, io: CliIo): void {
  const command = group
    .command('enrol')
    .alias('enroll')
    .alias('add')
    .argument('[url]', 'such as https://10.0.0.2:8443')
    .description('take a host into the fleet; its instances stay as they are')
    .option('--token <token>', 'by a trust token of `lxc config trust add`; - reads it from standard input')
    .option('--password-stdin', 'by trust password, read from standard input; needs --fingerprint')
    .option('--trusted', "its trust store has Longshore's certificate already; needs --fingerprint")
    .option('--socket <path>', "by a socket on the server's own machine (see `host sockets`)")
    .option(
      '--fingerprint <sha256>',
      "the fingerprint of the server's certificate, as read on the host itself",
    )
    .option(
      '--url <url>',
      'the same as the argument; with --token only where the token has the wrong address',
    )
    .option('--name <name>', "name in the fleet (default: the server's own)")
    .option('-l, --label <key=value>', 'label; may be repeated', collect);
  addWaitOptions(command);
  addExamples(
    command,
    'longshore host enrol https://10.0.0.2:8443        # shows the fingerprint, asks the rest',
    'lxc config trust add --name longshore -q | longshore host enrol --token - --name a',
    'longshore host enrol --socket /var/lib/incus/unix.socket --label site=north',
  );
  command.action(async (argument: string | undefined, options: Options, self: Command) => {
    const run = openRun(io, self);
    const url = options.url ?? argument;
    const access = await accessOf(run, url, options);
    const { value } = await run.call('enrolHost', {
      idempotencyKey: newKey(),
      body: {
        access,
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.label === undefined ? {} : { labels: labelOptions(options.label) }),
      },
    });
    const what = options.name ?? url ?? options.socket ?? value.operation.target.name;
    await finishChange(
      run,
      { operation: value.operation, title: `enrol ${what}`, handle: what, done: foundThere },
      options,
    );
  });
}

/** What came with the host. */
async function foundThere({ result }: Operation): Promise<string> {
  const { name, instancesFound } = result ?? {};
  const found = typeof instancesFound === 'number' ? instancesFound : 0;
  const host = typeof name === 'string' ? `part of the fleet as ${name}` : 'part of the fleet';
  return found === 0
    ? host
    : `${host}, with ${found} instances; take them over with \`longshore instance claim\``;
}

async function accessOf(run: Run, url: string | undefined, options: Options): Promise<Access> {
  const ways = [
    options.token !== undefined,
    options.passwordStdin === true,
    options.trusted === true,
    options.socket !== undefined,
  ].filter(Boolean).length;
  if (ways > 1)
    throw new CliError('usage', '--token, --password-stdin, --trusted and --socket exclude each other.');
  if (options.socket !== undefined) return { by: 'socket', path: options.socket };
  if (options.token !== undefined) {
    const token = options.token === '-' ? await readSecret(run) : options.token;
    return { by: 'token', token: lastLine(token), ...(url === undefined ? {} : { url }) };
  }
  if (url === undefined) {
    throw new CliError('usage', 'Nothing says which host.', {
      hint: 'Give its URL, --token or --socket; see `longshore host enrol --help`.',
    });
  }
  if (ways === 0) return askForAccess(run, url, options);
  const { fingerprint } = options;
  if (fingerprint === undefined) {
    throw new CliError('usage', 'The fingerprint of the server is not confirmed.', {
      hint: 'Read it on the host (`lxc info | grep fingerprint`) and add --fingerprint.',
    });
  }
  return options.trusted === true
    ? { by: 'trusted', url, fingerprint }
    : { by: 'password', url, fingerprint, password: await readSecret(run) };
}

/** `lxc config trust add` prints a sentence before the token; people pipe it as it is. */
function lastLine(text: string): string {
  return text.split(/\s+/).at(-1) ?? text;
}

/** Shows what is at the address, has the fingerprint confirmed, and asks for what the server still needs. */
async function askForAccess(run: Run, url: string, options: Options): Promise<Access> {
  if (!canAsk(run)) {
    throw new CliError('usage', 'Nothing says how the host shall come to trust Longshore.', {
      hint: 'Add --token, --password-stdin or --trusted; without a terminal nobody can be asked.',
    });
  }
  const probe = await probeHost(run, url, options);
  if (probe.enrolledAs !== null)
    throw new CliError('declined', `${url} is part of the fleet already, as host ${probe.enrolledAs}.`);
  const fingerprint = probe.fingerprint ?? '';
  say(
    run,
    `\n${url} is an ${probe.kind === 'lxd' ? 'LXD' : 'Incus'} server${probe.version === null ? '' : ` (${probe.version})`}.\nIts certificate has the SHA-256 fingerprint\n\n  ${fingerprint}\n\nCompare it with what \`${probe.kind === 'lxd' ? 'lxc' : 'incus'} info\` shows on the host itself as certificate_fingerprint.`,
  );
  const known = options.fingerprint?.replaceAll(':', '').toLowerCase();
  if (known !== undefined && known !== fingerprint)
    throw new CliError('declined', 'That is not the fingerprint you gave; nothing was sent to the server.');
  await confirm(run, 'Is it the same?', known !== undefined);
  if (probe.trusted) return { by: 'trusted', url, fingerprint };
  if (probe.passwordPossible) {
    const answer = await ask(run, 'Trust by token or password? [token] ');
    if (/^p/i.test(answer))
      return { by: 'password', url, fingerprint, password: await askSecret(run, 'Trust password: ') };
  }
  say(
    run,
    `Make a trust token on the host: \`${probe.kind === 'lxd' ? 'lxc config trust add --name longshore' : 'incus config trust add longshore'}\``,
  );
  const token = lastLine(await askSecret(run, 'Trust token (not shown): '));
  return { by: 'token', token, url };
}
