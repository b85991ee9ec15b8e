import { createHash, randomBytes } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';
import type { GuestAccount } from './guest-accounts.ts';

/** A guest, and how long we go on with it. */
export type Guest = Readonly<{ client: LxdClient; name: string; lxdProject: string; signal: AbortSignal }>;

/** The file of one account: what is in it, or why we leave it alone. */
export type KeysFile =
  | Readonly<{ kind: 'file'; content: Buffer }>
  | Readonly<{ kind: 'absent' }>
  | Readonly<{ kind: 'unfit'; reason: string }>;

/** What a look into a guest as root found. */
export type GuestSurvey = Readonly<{
  passwd: string;
  root: KeysFile;
  /** It makes its default user itself, soon after its first start. */
  hasCloudInit: boolean;
}>;

/** A guest that hangs, or that says more than this, is left alone until the next look. */
const TIMEOUT_MS = 15_000;
/** Some 600 keys; sshd reads it at every login. */
const MAX_FILE_BYTES = 256 * 1024;
const MAX_PASSWD_BYTES = 256 * 1024;

/**
 * Reads `authorized_keys` below the home directory $1. Links are not followed, neither of the file nor of its folder: a
 * user could lead us to any file of that name. What is no plain file is not read at all.
 */
const READ = `
read_keys() {
  d=$1/.ssh f=$1/.ssh/authorized_keys
  if [ -h "$d" ] || [ -h "$f" ]; then echo link; return; fi
  if [ ! -e "$f" ]; then
    if [ ! -d "$1" ]; then echo homeless; elif [ -e "$d" ] && [ ! -d "$d" ]; then echo odd; else echo absent; fi
    return
  fi
  if [ ! -f "$f" ]; then echo odd; return; fi
  if [ ! -r "$f" ]; then echo closed; return; fi
  n=$(wc -c <"$f") || { echo closed; return; }
  if [ "$n" -gt ${MAX_FILE_BYTES} ]; then echo large; return; fi
  echo file $n
  head -c "$n" "$f"
}`;

const SURVEY = `${READ}
n=$(wc -c </etc/passwd) || exit 9
[ "$n" -le ${MAX_PASSWD_BYTES} ] || exit 9
[ -d /etc/cloud ] && c=yes || c=no
echo passwd $n $c
head -c "$n" /etc/passwd
h=/root
while IFS=: read -r user x uid gid name home shell; do
  if [ "$user" = root ]; then h=$home; break; fi
done </etc/passwd
read_keys "$h"`;

/**
 * Writes standard input to `authorized_keys` below the home directory $1, in one step: a new file takes the place of the
 * old one. It runs as the account itself, so that whatever a user may have put in its way leads no further than the user
 * could go anyway. Not when the file is another than the one that was read ($3: its SHA-256; checked where the guest can).
 */
const WRITE = `
umask 077
d=$1/.ssh f=$1/.ssh/authorized_keys t=$1/.ssh/.longshore-$4
[ ! -h "$d" ] && [ ! -h "$f" ] || exit 11
[ -d "$d" ] || mkdir "$d" || exit 12
if [ -e "$f" ] && [ ! -f "$f" ]; then exit 11; fi
if command -v sha256sum >/dev/null 2>&1; then
  if [ -e "$f" ]; then s=$(sha256sum <"$f"); s=\${s%% *}; else s=absent; fi
  [ "$s" = "$3" ] || exit 13
fi
cat >"$t" || { rm -f "$t"; exit 12; }
[ "$(wc -c <"$t")" -eq "$2" ] || { rm -f "$t"; exit 13; }
chmod 600 "$t" && chmod 700 "$d" && mv -f "$t" "$f" || { rm -f "$t"; exit 12; }
if command -v restorecon >/dev/null 2>&1; then restorecon -R "$d" >/dev/null 2>&1; fi
exit 0`;

/** Why a guest cannot be given keys now, in words for people; it is tried again. */
export class GuestTrouble extends Error {
  override readonly name = 'GuestTrouble';
}

/**
 * Looks at the accounts of a guest and at root's keys, by one command inside of it.
 *
 * @throws GuestTrouble; LxdError and LongshoreError of the way to the host
 */
export async function surveyGuest(guest: Guest): Promise<GuestSurvey> {
  const { exitCode, stdout } = await run(guest, { uid: 0, gid: 0 }, SURVEY, []);
  if (exitCode === 126 || exitCode === 127) throw new GuestTrouble('the guest has no shell (/bin/sh)');
  const told = split(stdout, /^passwd (\d{1,7}) (yes|no)\n/);
  const size = Number(told?.words[0]);
  if (exitCode !== 0 || told === undefined || told.rest.length < size) {
    throw new GuestTrouble('the accounts of the guest cannot be read (/etc/passwd)');
  }
  return {
    passwd: told.rest.subarray(0, size).toString('utf8'),
    hasCloudInit: told.words[1] === 'yes',
    root: keysFileOf(told.rest.subarray(size)),
  };
}

/** Reads the keys of an account as that account. @throws like {@link surveyGuest} */
export async function readKeysFile(guest: Guest, account: GuestAccount): Promise<KeysFile> {
  const { stdout } = await run(guest, account, `${READ}\nread_keys "$1"`, [account.home]);
  return keysFileOf(stdout);
}

/** Writes the keys of an account in place of what was read. @throws like {@link surveyGuest} */
export async function writeKeysFile(
  guest: Guest,
  account: GuestAccount,
  before: Exclude<KeysFile, { kind: 'unfit' }>,
  content: Buffer,
): Promise<void> {
  const sum = before.kind === 'absent' ? 'absent' : createHash('sha256').update(before.content).digest('hex');
  const args = [account.home, String(content.length), sum, randomBytes(12).toString('hex')];
  const { exitCode, stderr } = await run(guest, account, WRITE, args, content);
  switch (exitCode) {
    case 0:
      return;
    case 11:
      throw new GuestTrouble('~/.ssh or authorized_keys became a link, or no plain file');
    case 13:
      throw new GuestTrouble('authorized_keys was changed by somebody else in the same moment');
    default:
      throw new GuestTrouble(
        `authorized_keys cannot be written: ${plain(stderr) || `exit code ${exitCode}`}`,
      );
  }
}

function keysFileOf(output: Buffer): KeysFile {
  const told = split(output, /^file (\d{1,7})\n/);
  const size = Number(told?.words[0]);
  if (told !== undefined && told.rest.length >= size) {
    return { kind: 'file', content: told.rest.subarray(0, size) };
  }
  switch (output.toString('latin1').trim()) {
    case 'absent':
      return { kind: 'absent' };
    case 'link':
      return {
        kind: 'unfit',
        reason: '~/.ssh or authorized_keys is a symbolic link; links are not followed',
      };
    case 'homeless':
      return { kind: 'unfit', reason: 'the account has no home directory' };
    case 'odd':
      return { kind: 'unfit', reason: '~/.ssh is no folder, or authorized_keys no plain file' };
    case 'closed':
      return { kind: 'unfit', reason: 'the account cannot read its own authorized_keys' };
    case 'large':
      return { kind: 'unfit', reason: `authorized_keys is larger than ${MAX_FILE_BYTES / 1024} KiB` };
    default:
      throw new GuestTrouble('the guest gave no answer that makes sense');
  }
}

/** The groups of a heading, and what follows it. */
function split(
  output: Buffer,
  heading: RegExp,
): Readonly<{ words: readonly string[]; rest: Buffer }> | undefined {
  const match = heading.exec(output.subarray(0, 64).toString('latin1'));
  return match === null ? undefined : { words: match.slice(1), rest: output.subarray(match[0].length) };
}

async function run(
  { client, name, lxdProject, signal }: Guest,
  { uid, gid }: Pick<GuestAccount, 'uid' | 'gid'>,
  script: string,
  args: readonly string[],
  input?: Buffer,
) {
  try {
    return await client.instances.exec(name, {
      // A fixed path: the guest's own could lead to other programs; it is theirs to run, but then at least on purpose.
      command: ['/bin/sh', '-c', script, 'longshore', ...args],
      environment: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        HOME: '/',
      },
      user: uid,
      group: gid,
      cwd: '/',
      input,
      project: lxdProject,
      signal,
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_FILE_BYTES + MAX_PASSWD_BYTES + 4096,
    });
  } catch (error) {
    throw signal.aborted ? error : troubleOf(error);
  }
}

/** What is the guest's own doing is told apart from a host that cannot be reached. */
function troubleOf(error: unknown): unknown {
  if (error instanceof LongshoreError || !isLxdError(error)) return error;
  switch (error.code) {
    case 'timeout':
      return new GuestTrouble(`the guest, or its host, did not answer within ${TIMEOUT_MS / 1000} seconds`);
    case 'too-large':
      return new GuestTrouble('the guest says more than there is to say');
    case 'bad-request':
    case 'operation-failed':
    case 'server-error':
    case 'conflict':
      return new GuestTrouble(`no command can be run in the guest: ${plain(Buffer.from(error.message))}`);
    default:
      return error;
  }
}

function plain(text: Buffer): string {
  return text
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
}
