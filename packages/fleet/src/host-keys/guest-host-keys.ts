import { randomBytes } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';
import type { HostKey } from './openssh-key.ts';

/** A guest whose files are read and written. */
export type GuestFiles = Readonly<{
  client: LxdClient;
  name: string;
  lxdProject: string;
  signal: AbortSignal;
}>;

const FOLDER = '/etc/ssh';
/** All types that sshd looks for by itself (sshd_config(5), HostKey), and DSA of old versions. */
const TYPES = ['ed25519', 'ecdsa', 'rsa', 'dsa'] as const;
const MAX_KEY_BYTES = 16 * 1024;
const EXEC_TIMEOUT_MS = 20_000;

/**
 * Told to cloud-init beside what image and person tell it: at its first start it would throw host keys away and make its
 * own (doc: modules, `cc_ssh`). Whoever asks for that in their own user data still gets it, since those win.
 */
const CLOUD_CONFIG = {
  path: '/etc/cloud/cloud.cfg.d/99-longshore-host-keys.cfg',
  content: '# Longshore has put host keys into this guest.\nssh_deletekeys: false\n',
};

const OWN_FILE = /^ssh_host_(?:ed25519|ecdsa|rsa|dsa)_key(?:\.pub)?$/;
const pathOf = (type: string): string => `${FOLDER}/ssh_host_${type}_key`;

/** What is in the folder of the SSH server of a container that does not run; null: there is no such folder. @throws LxdError */
export async function listFolder({
  client,
  name,
  lxdProject,
  signal,
}: GuestFiles): Promise<readonly string[] | null> {
  try {
    return await client.instances.files.list(name, FOLDER, { project: lxdProject, signal });
  } catch (error) {
    if (isLxdError(error, 'not-found')) return null;
    throw error;
  }
}

/**
 * Puts host keys into a container that does not run, before its first start or instead of those that it has. Keys of
 * other types go. No program of the guest is needed.
 *
 * @param there what {@link listFolder} found
 * @throws LxdError
 */
export async function putIntoStopped(
  guest: GuestFiles,
  keys: readonly HostKey[],
  there: readonly string[] | null,
): Promise<void> {
  const { client, name, lxdProject: project, signal } = guest;
  const scope = { project, signal };
  const { files } = client.instances;
  if (there === null)
    await files.write(name, FOLDER, { kind: 'directory', mode: 0o755, uid: 0, gid: 0 }, scope);
  // What is there may have another mode or owner, which writing would leave.
  const old = (there ?? []).filter((each) => OWN_FILE.test(each));
  await Promise.all(old.map((each) => files.delete(name, `${FOLDER}/${each}`, scope)));
  await Promise.all([
    ...writesOf(keys, pathOf).map(({ path, file }) => files.write(name, path, file, scope)),
    tellCloudInit(guest),
  ]);
}

async function tellCloudInit({ client, name, lxdProject, signal }: GuestFiles): Promise<void> {
  const { path, content } = CLOUD_CONFIG;
  try {
    await client.instances.files.write(
      name,
      path,
      { content, mode: 0o644, uid: 0, gid: 0 },
      { project: lxdProject, signal },
    );
  } catch (error) {
    // The image has no cloud-init, and so no such folder.
    if (!isLxdError(error, 'not-found', 'server-error', 'bad-request')) throw error;
  }
}

const SWAP = `
set -e
cd ${FOLDER}
for t in ed25519 ecdsa rsa dsa; do
  n=.longshore-$1-ssh_host_\${t}_key
  if [ -e "$n" ]; then
    chmod 600 "$n"
    chmod 644 "$n.pub"
    mv -f "$n" "ssh_host_\${t}_key"
    mv -f "$n.pub" "ssh_host_\${t}_key.pub"
  else
    rm -f "ssh_host_\${t}_key" "ssh_host_\${t}_key.pub"
  fi
done
for f in /run/sshd.pid /var/run/sshd.pid; do
  [ -r $f ] && read -r p <$f && [ "$(cat /proc/$p/comm)" = sshd ] && kill -HUP $p && break
done 2>/dev/null
exit 0`;

/**
 * Puts host keys into a running guest in the place of those that it has, all in one step, and has its sshd read them. Who
 * is logged in stays so.
 *
 * @throws LongshoreError `host-refused`; LxdError
 */
export async function putIntoRunning(guest: GuestFiles, keys: readonly HostKey[]): Promise<void> {
  const { client, name, lxdProject, signal } = guest;
  const scope = { project: lxdProject, signal };
  const mark = randomBytes(8).toString('hex');
  const aside = (type: string): string => `${FOLDER}/.longshore-${mark}-ssh_host_${type}_key`;
  await client.instances.exec(name, {
    command: ['mkdir', '-p', FOLDER],
    cwd: '/',
    timeoutMs: EXEC_TIMEOUT_MS,
    ...scope,
  });
  for (const { path, file } of writesOf(keys, aside))
    await client.instances.files.write(name, path, file, scope);
  const { exitCode, stderr } = await client.instances.exec(name, {
    command: ['/bin/sh', '-c', SWAP, 'longshore', mark],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    user: 0,
    group: 0,
    cwd: '/',
    timeoutMs: EXEC_TIMEOUT_MS,
    maxOutputBytes: 64 * 1024,
    ...scope,
  });
  if (exitCode === 0) return;
  const words = stderr
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  throw new LongshoreError(
    'host-refused',
    `The host keys could not be put into ${name}: ${words || `exit code ${exitCode}`}.`,
    {
      hint: 'The guest needs a shell (/bin/sh). Stop it, and try again: then none is needed.',
    },
  );
}

/** The private keys that a guest has, as text; those that are there. @throws LxdError */
export async function readFromGuest({
  client,
  name,
  lxdProject,
  signal,
}: GuestFiles): Promise<readonly string[]> {
  const found: string[] = [];
  for (const type of TYPES.filter((each) => each !== 'dsa')) {
    try {
      const file = await client.instances.files.read(name, pathOf(type), {
        project: lxdProject,
        signal,
        maxBytes: MAX_KEY_BYTES,
      });
      if (file.kind === 'file') found.push(file.content.toString('latin1'));
    } catch (error) {
      if (!isLxdError(error, 'not-found')) throw error;
    }
  }
  return found;
}

function writesOf(keys: readonly HostKey[], place: (type: string) => string) {
  return keys.flatMap((key) => [
    { path: place(key.type), file: { content: key.privateFile, mode: 0o600, uid: 0, gid: 0 } },
    { path: `${place(key.type)}.pub`, file: { content: `${key.publicKey}\n`, mode: 0o644, uid: 0, gid: 0 } },
  ]);
}
