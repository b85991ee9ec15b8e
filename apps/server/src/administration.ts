import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { sealedColumns as dnsColumns } from '@longshore/dns';
import { sealedColumns } from '@longshore/fleet';
import { createIdentity, sealedColumns as identityColumns } from '@longshore/identity';
import {
  backup,
  createSealer,
  loadOrCreateKeyFile,
  resealColumn,
  restore,
  rotateKeyFile,
  type Store,
  silentLog,
} from '@longshore/store';
import { readConfiguration } from './configuration.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { openDatabaseBeside } from './open-database.ts';
import { SETUP_PATH } from './setup-path.ts';

/** Runs a command on the configured database, whether a server runs on it or not. */
async function onDatabase<T>(work: (store: Store, dataDir: string) => Promise<T>): Promise<T> {
  const configuration = readConfiguration(process.env);
  prepareDataDirectory(configuration.dataDir);
  const database = await openDatabaseBeside(configuration, silentLog, 'longshore administration');
  try {
    return await work(database.store, configuration.dataDir);
  } finally {
    await database.close();
  }
}

/** `admin-token`: prints a new token with all scopes. Whoever can read the database is the administrator anyway. */
export async function newAdminToken(): Promise<void> {
  const token = await onDatabase(async (store, dataDir) => {
    const sealer = createSealer(await loadOrCreateKeyFile(join(dataDir, 'sealing-keys')));
    return createIdentity(store, { sealer }).createToken(
      { name: `admin ${new Date().toISOString()}`, scopes: ['*'], expiresAt: null },
      'server command',
    );
  });
  process.stdout.write(`${token.secret}\n`);
}

/**
 * `setup-link`: prints a new set-up link, good once and for a day: for the first administrator, or for another when all
 * are lost. The address is the configured one, since a running server is not asked.
 */
export async function newSetupLink(): Promise<void> {
  const { listen, publicUrl, tls } = readConfiguration(process.env);
  const code = await onDatabase(async (store, dataDir) => {
    const sealer = createSealer(await loadOrCreateKeyFile(join(dataDir, 'sealing-keys')));
    return createIdentity(store, { sealer }).createSetupLink();
  });
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const url = publicUrl ?? `${tls === undefined ? 'http' : 'https'}://${host}:${listen.port}`;
  process.stdout.write(`${url.replace(/\/$/, '')}${SETUP_PATH}#${code}\n`);
}

/** `backup FILE`: one consistent picture of the database; the file appears only when it is whole. */
export async function backupTo(file: string): Promise<void> {
  await onDatabase(async (store, dataDir) => {
    const partial = `${file}.partial`;
    try {
      const target = createWriteStream(partial, { mode: 0o600, flush: true });
      const { tables, rows } = await backup(store, target);
      target.end();
      await finished(target);
      await rename(partial, file);
      process.stdout.write(
        `${file}: ${rows} rows of ${tables} tables.\nKeep the key file apart from it: ${join(dataDir, 'sealing-keys')}\n`,
      );
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  });
}

/** `restore FILE`: into an empty database; a database that holds anything is refused. */
export async function restoreFrom(file: string): Promise<void> {
  await onDatabase(async (store) => {
    const source = createReadStream(file);
    // An unreadable file fails before the database is touched.
    await new Promise((resolve, reject) => source.once('open', resolve).once('error', reject));
    const { tables, rows } = await restore(store, source);
    process.stdout.write(`${rows} rows of ${tables} tables restored from ${file}.\n`);
  });
}

/** `rotate-keys`: a new key seals from now on, and every sealed value is sealed anew under it. */
export async function rotateKeys(): Promise<void> {
  await onDatabase(async (store, dataDir) => {
    const path = join(dataDir, 'sealing-keys');
    await loadOrCreateKeyFile(path);
    const sealer = createSealer(await rotateKeyFile(path));
    let count = 0;
    for (const column of [...sealedColumns, ...identityColumns, ...dnsColumns])
      count += await resealColumn(store, sealer, column);
    process.stdout.write(
      `A new key is in ${path}; ${count} values were sealed anew. Restart running servers.\n`,
    );
  });
}
