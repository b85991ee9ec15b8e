import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runHostCli } from './daemon.ts';
import type { HostLayout } from './layout.ts';
import { runCommand } from './run-command.ts';
import type { HostKind } from './testbed-state.ts';

/** `busybox`: 1 MB, boots in a tenth of a second. `debian`: systemd, udev, sshd; 41 MB, a minute to build once. */
export type ImageName = 'busybox' | 'debian';

/** What an imported image is called on a host. */
export type ImageAlias = 'bb' | 'deb';

const DEFAULT_CACHE = '/var/cache/longshore-testbed';
const DEFAULT_MIRROR = 'http://deb.debian.org/debian';

export type BuildOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((line: string) => void) | undefined;
};

/** Builds the image unless the cache has it, and returns its path. A changed recipe is a new file. */
export async function buildImage(name: ImageName, options: BuildOptions = {}): Promise<string> {
  const cache = process.env.LONGSHORE_TESTBED_CACHE ?? DEFAULT_CACHE;
  const recipe = join(import.meta.dirname, 'shell', `image-${name}.sh`);
  const version = createHash('sha256').update(await readFile(recipe));
  if (name === 'busybox') version.update(await readFile('/bin/busybox'));
  const path = join(
    cache,
    `${name}-${version.digest('hex').slice(0, 12)}.tar.${name === 'busybox' ? 'gz' : 'zst'}`,
  );
  if (existsSync(path)) return path;
  const running = builds.get(path) ?? build(name, recipe, path, options);
  builds.set(path, running);
  try {
    await running;
  } finally {
    builds.delete(path);
  }
  return path;
}

/** Hosts import in parallel: one of them builds, the others wait for it. */
const builds = new Map<string, Promise<void>>();

async function build(name: ImageName, recipe: string, path: string, options: BuildOptions): Promise<void> {
  options.log?.(`building image ${name} (once, kept in ${dirname(path)})`);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    await runCommand(['bash', recipe, unfinished], {
      env: { LONGSHORE_TESTBED_MIRROR: process.env.LONGSHORE_TESTBED_MIRROR ?? DEFAULT_MIRROR },
      signal: options.signal,
    });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Imports the image on a host unless it is there, and returns its alias. */
export async function importImage(
  host: HostLayout,
  kind: HostKind,
  name: ImageName,
  signal?: AbortSignal,
): Promise<ImageAlias> {
  const alias = name === 'busybox' ? 'bb' : 'deb';
  const known = await runHostCli(host, kind, ['image', 'alias', 'list', '--format', 'csv'], signal);
  if (known.split('\n').some((line) => line.startsWith(`${alias},`))) return alias;
  await runHostCli(
    host,
    kind,
    ['image', 'import', await buildImage(name, { signal }), '--alias', alias],
    signal,
  );
  return alias;
}
