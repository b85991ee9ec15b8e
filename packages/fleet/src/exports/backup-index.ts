import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { LongshoreError } from '@longshore/contract';

/** What the index of an LXD or Incus backup tells, as far as we ask. */
export type BackupIndex = Readonly<{
  type: 'container' | 'virtual-machine';
  /** Name of the instance that was exported. */
  name: string | null;
  /** Its `volatile.uuid`, which an import keeps; null in backups of old servers. */
  uuid: string | null;
  /** Its `limits.cpu` and `limits.memory`. */
  limits: Readonly<Record<string, string>>;
  /** Size of its root disk; null: none is set. */
  disk: string | null;
}>;

const INDEX = 'backup/index.yaml';
const BLOCK = 512;
/** LXD writes the index first; a longer one than this is no index. */
const MAX_INDEX_BYTES = 4 * 1024 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const COMPRESSED = [
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]) },
  { name: 'bzip2', magic: Buffer.from('BZh') },
] as const;

/**
 * Reads the index of a backup file; `unknown` for compressions that only the host can open.
 *
 * @throws LongshoreError `bad-request`: it is no backup of an instance
 */
export async function readBackupIndex(path: string): Promise<BackupIndex | 'unknown'> {
  const head = await firstBytes(createReadStream(path, { end: BLOCK - 1 }), BLOCK);
  if (COMPRESSED.some(({ magic }) => head.subarray(0, magic.length).equals(magic))) return 'unknown';
  const file = createReadStream(path);
  try {
    const index = indexOf(await firstBytes(decompressed(file, head), BLOCK + MAX_INDEX_BYTES));
    if (index !== undefined) return index;
  } catch (cause) {
    throw noBackup(cause);
  } finally {
    file.destroy();
  }
  throw noBackup();
}

function decompressed(file: Readable, head: Buffer): Readable {
  const unpack = head.subarray(0, 2).equals(GZIP)
    ? createGunzip()
    : head.subarray(0, 4).equals(ZSTD)
      ? createZstdDecompress()
      : undefined;
  if (unpack === undefined) return file;
  file.on('error', (error) => unpack.destroy(error));
  return file.pipe(unpack);
}

async function firstBytes(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

/** Walks over the first entries of a tar archive (POSIX ustar) until the index. */
function indexOf(tar: Buffer): BackupIndex | undefined {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    const name = text(header.subarray(0, 100));
    const size = Number.parseInt(text(header.subarray(124, 136)), 8);
    if (name === '' || !Number.isSafeInteger(size)) return undefined;
    if (name === INDEX) return parseIndex(tar.subarray(at + BLOCK, at + BLOCK + size).toString('utf8'));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

/** The index is YAML as Go writes it: one key a line. Only a few plain scalars are looked at. */
function parseIndex(yaml: string): BackupIndex | undefined {
  const type = /^type: (container|virtual-machine)\s*$/m.exec(yaml)?.[1];
  return {
    type: type === 'virtual-machine' ? 'virtual-machine' : 'container',
    name: /^name: (\S+)\s*$/m.exec(yaml)?.[1] ?? null,
    limits: Object.fromEntries(
      ['limits.cpu', 'limits.memory'].flatMap((key) => {
        const value = new RegExp(`^ +${key.replace('.', '\\.')}: "?([^"\\s]+)"?\\s*$`, 'm').exec(yaml)?.[1];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    // A device's options are in the order of the alphabet.
    disk: /^( +)path: \/\s*\n(?:\1.*\n)*?\1size: "?([^"\s]+)"?\s*$/m.exec(yaml)?.[2] ?? null,
    uuid: /^\s+volatile\.uuid: ([0-9a-f-]{36})\s*$/m.exec(yaml)?.[1] ?? null,
  };
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field
    .subarray(0, end === -1 ? field.length : end)
    .toString('utf8')
    .trim();
}

function noBackup(cause?: unknown): LongshoreError {
  return new LongshoreError('bad-request', 'The file is no backup of an LXD or Incus instance.', {
    hint: 'Upload what longshore export, lxc export or incus export made.',
    cause,
  });
}
