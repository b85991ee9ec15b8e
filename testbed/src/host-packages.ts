import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, SYSTEM_PATH } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';

/** A Debian package, and the file by which we know that it is there (under any of the system's program folders). */
type HostPackage = {
  readonly name: string;
  readonly program: string;
  /** Whether the program that was found will do. */
  readonly fits?: (path: string) => boolean;
};

const BASE_PACKAGES: readonly HostPackage[] = [
  { name: 'lxd', program: 'lxd' },
  { name: 'lxd-client', program: 'lxc' },
  { name: 'lxcfs', program: 'lxcfs' },
  { name: 'iproute2', program: 'ip' },
  { name: 'nftables', program: 'nft' },
  { name: 'dnsmasq-base', program: 'dnsmasq' },
  { name: 'busybox-static', program: 'busybox', fits: isStatic },
  { name: 'rsync', program: 'rsync' },
  { name: 'squashfs-tools', program: 'unsquashfs' },
  { name: 'xz-utils', program: 'xz' },
  { name: 'btrfs-progs', program: 'mkfs.btrfs' },
];

/** For building the Debian image, for tests whose clock jumps, and for a login by SSH; hosts come up without them. */
const EXTRA_PACKAGES: readonly HostPackage[] = [
  { name: 'debootstrap', program: 'debootstrap' },
  { name: 'zstd', program: 'zstd' },
  { name: 'faketime', program: 'faketime' },
  { name: 'dropbear-bin', program: 'dropbear' },
];

const INCUS_PACKAGES: readonly HostPackage[] = [
  { name: 'incus-base', program: 'incusd' },
  { name: 'incus-client', program: 'incus' },
];

/** Besides the search path: daemons that Debian and the upstream packages keep out of it. */
const PROGRAM_DIRS = [...SYSTEM_PATH.split(':'), '/usr/libexec/incus', '/opt/incus/bin'];

/** Another apt may be at work (unattended upgrades, say): wait for its lock. */
export const APT = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-y', '-q', '--no-install-recommends'];

/** Names of the packages that this machine lacks to bring hosts up. */
export function missingHostPackages(options: { readonly incus: boolean }): readonly string[] {
  return lacking([...BASE_PACKAGES, ...(options.incus ? INCUS_PACKAGES : [])]);
}

function lacking(packages: readonly HostPackage[]): readonly string[] {
  return packages
    .filter(({ program, fits }) => {
      const path = PROGRAM_DIRS.map((dir) => join(dir, program)).find((candidate) => existsSync(candidate));
      return path === undefined || (fits && !fits(path));
    })
    .map(({ name }) => name);
}

/**
 * Installs what hosts need and this machine lacks, by apt. Tried on Debian 12, where Incus comes from
 * bookworm-backports (a sources file is added for it).
 * Throws `missing-packages` naming what to install by hand where there is no apt or it has no such package.
 */
export async function installHostPackages(options: {
  readonly incus: boolean;
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { signal } = options;
  const missing = [...missingHostPackages(options), ...lacking(EXTRA_PACKAGES)];
  if (missing.length === 0) return;
  const sources = '/etc/apt/sources.list.d';
  if (!existsSync(sources)) {
    throw new TestbedError(
      'missing-packages',
      `real hosts need ${missing.join(', ')} (Debian's names); this machine has no apt, so install them by hand`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new TestbedError(
      'missing-packages',
      `real hosts need ${missing.join(', ')}: run this as root to install them`,
    );
  }
  options.log?.(`installing ${missing.join(' ')}`);
  const needsIncus = missing.some((name) => INCUS_PACKAGES.some((known) => known.name === name));
  const backports = needsIncus && (await isBookworm());
  if (backports) await addBackports(sources);
  const apt = (args: readonly string[]) =>
    runCommand([...APT, ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive', ...proxyVariables() },
      signal,
    });
  try {
    await apt(['update']);
    const fromBackports = missing.filter((name) => backports && name.startsWith('incus'));
    const plain = missing.filter((name) => !fromBackports.includes(name));
    if (plain.length > 0) await apt(['install', ...plain]);
    if (fromBackports.length > 0) await apt(['-t', 'bookworm-backports', 'install', ...fromBackports]);
  } catch (error) {
    signal?.throwIfAborted();
    throw new TestbedError(
      'missing-packages',
      `apt could not install ${missing.join(', ')}: install them by hand`,
      {
        cause: error,
      },
    );
  }
  const still = [...missingHostPackages(options), ...lacking(EXTRA_PACKAGES)];
  if (still.length > 0) {
    throw new TestbedError(
      'missing-packages',
      `apt has installed ${missing.join(', ')}, yet ${still.join(', ')} cannot be found in ${PROGRAM_DIRS.join(', ')}`,
    );
  }
}

/** A dynamic ELF program names its loader (`/lib64/ld-linux…`) right after its headers; see elf(5), PT_INTERP. */
function isStatic(path: string): boolean {
  return !readFileSync(path).subarray(0, 4096).includes('/ld-');
}

async function isBookworm(): Promise<boolean> {
  return /^VERSION_CODENAME=bookworm$/m.test(await readFile('/etc/os-release', 'utf8'));
}

/** Derives the backports' source from the machine's own Debian source, so that its mirror is used. */
async function addBackports(dir: string): Promise<void> {
  const files = (await readdir(dir)).filter((name) => name.endsWith('.sources') || name.endsWith('.list'));
  const texts = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')));
  const list = '/etc/apt/sources.list';
  if (existsSync(list)) texts.push(await readFile(list, 'utf8'));
  if (texts.some((text) => /^[^#]*bookworm-backports/m.test(text))) return;
  const mirror = texts
    .flatMap((text) => [
      /^URIs:\s*(\S+)/m.exec(text)?.[1],
      /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+bookworm\s/m.exec(text)?.[1],
    ])
    .find((found) => found !== undefined);
  const signedBy = texts
    .map((text) => /^Signed-By:\s*(\/\S+)/m.exec(text)?.[1])
    .find((found) => found !== undefined);
  const lines = [
    '# Written by the Longshore testbed, for Incus.',
    'Types: deb',
    `URIs: ${mirror ?? 'http://deb.debian.org/debian'}`,
    'Suites: bookworm-backports',
    'Components: main',
    `Signed-By: ${signedBy ?? '/usr/share/keyrings/debian-archive-keyring.gpg'}`,
  ];
  await writeFile(join(dir, 'longshore-testbed.sources'), `${lines.join('\n')}\n`);
}

/** apt may need the way out that the caller was given. */
export function proxyVariables(): Record<string, string> {
  const entries = ['http_proxy', 'https_proxy', 'no_proxy'].map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
