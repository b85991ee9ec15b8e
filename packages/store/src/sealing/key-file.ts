import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError, systemCodeOf } from '../store-error.ts';
import type { KeyRing, SealingKey } from './sealer.ts';

const header = `# Longshore's sealing keys. Without them no sealed value of the database can be read: keep a copy elsewhere.
# One key per line, "id key"; the last one seals, all of them open.
`;
const linePattern = /^([A-Za-z0-9_-]{1,64}) ([A-Za-z0-9_-]{43})$/;

/**
 * Reads the key file, or makes it with one new key (mode 0600). An existing file is never written to.
 *
 * @throws StoreError `key_file_too_open` when others than its owner may read it, `key_file_invalid`
 */
export async function loadOrCreateKeyFile(path: string): Promise<KeyRing> {
  const existing = await readKeyFile(path);
  if (existing !== undefined) return existing;
  await mkdir(dirname(path), { recursive: true });
  const temporary = await writeTemporary(path, [newKey([])]);
  try {
    // A link does not replace: of two that start at once, one makes the file and both read it.
    await link(temporary, path);
    await syncDirectory(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const made = await readKeyFile(path);
  if (made === undefined) throw new StoreError('key_file_invalid', `The key file ${path} could not be made.`);
  return made;
}

/**
 * Adds a new key, which seals from now on in every process that reads the file anew. Old ones stay for opening;
 * {@link resealColumn} makes them needless.
 *
 * @throws StoreError `key_file_invalid` when there is no such file or another rotation is under way
 */
export async function rotateKeyFile(path: string): Promise<KeyRing> {
  const lock = `${path}.rotating`;
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
    throw new StoreError(
      'key_file_invalid',
      `Another rotation of ${path} is under way. If none is, remove ${lock} and try again.`,
    );
  }
  try {
    const ring = await readKeyFile(path);
    if (ring === undefined)
      throw new StoreError('key_file_invalid', `There is no key file ${path} to rotate.`);
    const keys = [...ring.keys, newKey(ring.keys)];
    await rename(await writeTemporary(path, keys), path);
    await syncDirectory(path);
    return ringOf(keys, path);
  } finally {
    await rm(lock, { force: true });
  }
}

async function readKeyFile(path: string): Promise<KeyRing | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new StoreError(
        'key_file_too_open',
        `The key file ${path} is open to others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
      );
    }
    return ringOf(parse(await file.readFile('utf8'), path), path);
  } finally {
    await file.close();
  }
}

function parse(text: string, path: string): readonly SealingKey[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [, id, key] = linePattern.exec(line.trim()) ?? [];
    if (id === undefined || key === undefined) {
      throw new StoreError('key_file_invalid', `Line ${index + 1} of the key file ${path} is no key.`);
    }
    return [{ id, key: Buffer.from(key, 'base64url') }];
  });
}

function ringOf(keys: readonly SealingKey[], path: string): KeyRing {
  const active = keys.at(-1)?.id;
  if (active === undefined) throw new StoreError('key_file_invalid', `The key file ${path} holds no key.`);
  return { keys, active };
}

function newKey(others: readonly SealingKey[]): SealingKey {
  // Counted for people, with chance in it so that keys of two installations are never named alike.
  return { id: `k${others.length + 1}-${randomBytes(4).toString('hex')}`, key: randomBytes(32) };
}

async function writeTemporary(path: string, keys: readonly SealingKey[]): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const lines = keys.map(({ id, key }) => `${id} ${Buffer.from(key).toString('base64url')}\n`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(header + lines.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** A new name survives a power cut only once its folder is on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
