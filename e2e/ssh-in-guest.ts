import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestHost } from '@longshore/testbed';
import { Client, type ConnectConfig } from 'ssh2';

const run = promisify(execFile);
const PROGRAMS = ['/usr/sbin/dropbear', '/usr/lib/dropbear/dropbearconvert'];

/** Makes an image of busybox with this machine's dropbear, and the libraries that it needs. @returns its alias */
export async function makeSshImage(host: TestHost): Promise<string> {
  const guest = 'maker';
  await host.cli(['launch', await host.importImage('busybox'), guest]);
  const { stdout } = await run('ldd', PROGRAMS);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? '');
  for (const path of new Set([...PROGRAMS, ...libraries])) {
    await host.cli(['file', 'push', '--create-dirs', '--mode', '0755', path, `${guest}${path}`]);
  }
  await host.cli(['exec', guest, '--', 'mkdir', '-p', '/etc/ssh']);
  await host.cli(['publish', guest, '--force', '--alias', 'with-ssh']);
  await host.cli(['delete', guest, '--force']);
  return 'with-ssh';
}

/** Starts the server of such a guest with the Ed25519 host key that the guest has. */
export async function startSshServer(host: TestHost, guest: string): Promise<void> {
  const script = `set -e
    ${PROGRAMS[1]} openssh dropbear /etc/ssh/ssh_host_ed25519_key /etc/dropbear_key
    setsid ${PROGRAMS[0]} -r /etc/dropbear_key -s -p 22 -P /run/dropbear.pid </dev/null >/tmp/ssh.log 2>&1`;
  await host.cli(['exec', guest, '--', 'sh', '-c', script]);
}

/** What came of a login. */
export type SshLogin = Readonly<
  | { outcome: 'in'; said: string; hostKey: string }
  | { outcome: 'refused' }
  | { outcome: 'unreachable'; why: string }
>;

/** Logs in by a key and runs a command. `hostKey` is the server's, as base64. */
export function sshLogin(
  to: Readonly<{ address: string; user: string; privateKey: string; command: string }>,
): Promise<SshLogin> {
  return new Promise((resolve) => {
    const client = new Client();
    let hostKey = '';
    const end = (login: SshLogin): void => {
      client.end();
      resolve(login);
    };
    client.on('error', (error) =>
      end(
        error.level === 'client-authentication'
          ? { outcome: 'refused' }
          : { outcome: 'unreachable', why: error.message },
      ),
    );
    client.on('ready', () =>
      client.exec(to.command, (error, channel) => {
        if (error !== undefined) return end({ outcome: 'unreachable', why: error.message });
        let said = '';
        channel.on('data', (part: Buffer) => {
          said += part.toString();
        });
        channel.on('close', () => end({ outcome: 'in', said, hostKey }));
      }),
    );
    const config: ConnectConfig = {
      host: to.address,
      username: to.user,
      privateKey: to.privateKey,
      readyTimeout: 30_000,
      algorithms: { serverHostKey: ['ssh-ed25519'] },
      hostVerifier: (key: Buffer) => {
        hostKey = key.toString('base64');
        return true;
      },
    };
    client.connect(config);
  });
}
