import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { LongshoreError } from '@longshore/contract';

/** A file that is whole on the disk. */
export type ReceivedFile = Readonly<{ sizeBytes: number; sha256: string }>;

/** How a stream is received. */
export type ReceiveOptions = Readonly<{
  signal: AbortSignal;
  /** Refused when it becomes larger. */
  maxBytes?: number | undefined;
  onBytes?: ((bytes: number) => void) | undefined;
  /** Free bytes on the disk of a path; default: asks the system. */
  freeBytes?: ((path: string) => Promise<number>) | undefined;
}>;

/** Left free for the database, which usually is on the same disk: without space it would stop the whole program. */
const RESERVE_BYTES = 256 * 1024 * 1024;
/** The free space is asked for after each so many bytes. */
const CHECK_EVERY_BYTES = 32 * 1024 * 1024;

/**
 * Writes a stream into a file that appears under its name only when it is whole and on the disk. What was begun is
 * removed when it fails, and an earlier attempt's remains are overwritten.
 *
 * @throws LongshoreError `unavailable` (the disk is full), `too-large`; what the stream and the signal throw
 */
export async function receiveFile(
  path: string,
  stream: Readable,
  options: ReceiveOptions,
): Promise<ReceivedFile> {
  const partial = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(partial, 'w', 0o600);
    let received: ReceivedFile;
    try {
      received = await writeAll(file, partial, stream, options);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncDirectory(dirname(path));
    return received;
  } catch (error) {
    stream.destroy();
    await rm(partial, { force: true });
    throw isNoSpace(error) ? diskFull(error) : error;
  }
}

async function writeAll(
  file: FileHandle,
  path: string,
  stream: Readable,
  { signal, maxBytes, onBytes, freeBytes = freeBytesOf }: ReceiveOptions,
): Promise<ReceivedFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let checkAt = 0;
  const stop = (): void => {
    stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      if (sizeBytes >= checkAt) {
        if ((await freeBytes(path)) < RESERVE_BYTES) throw diskFull();
        checkAt = sizeBytes + CHECK_EVERY_BYTES;
      }
      sizeBytes += bytes.length;
      if (maxBytes !== undefined && sizeBytes > maxBytes) {
        throw new LongshoreError(
          'too-large',
          `The upload is larger than the ${maxBytes} bytes that are allowed.`,
        );
      }
      hash.update(bytes);
      await writeWhole(file, bytes);
      onBytes?.(sizeBytes);
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** A write may take less than it was given, on a disk that is just becoming full. */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function diskFull(cause?: unknown): LongshoreError {
  return new LongshoreError(
    'unavailable',
    'The data directory of Longshore has no space left for this file.',
    {
      hint: 'Delete exports that are no longer needed, or give the data directory a larger disk.',
      cause,
    },
  );
}

/** The rename itself survives a power cut only when the directory is on the disk, too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
