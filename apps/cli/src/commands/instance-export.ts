import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { findInstance } from '../naming/find-instances.ts';
import { newKey } from '../new-key.ts';
import { finishChange, throwUnlessSucceeded } from '../operations/finish-change.ts';
import { waitForOperations } from '../operations/wait-for-operations.ts';
import { addWaitOptions, type WaitOptions } from '../options.ts';
import { bytes } from '../output/figures.ts';
import { printDocument, say, write } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import { openRun, type Run } from '../run.ts';

type ExportOptions = WaitOptions & Readonly<{ instanceOnly?: boolean; overwrite?: boolean; keep?: boolean }>;

/** `export INSTANCE [FILE]`: makes an export, downloads it and checks it. */
export function addInstanceExport(parent: Command, io: CliIo): Command {
  const command = parent
    .command('export')
    .argument('<instance>', 'NAME, HOST/NAME or identifier')
    .argument('[file]', 'where to; - for standard output (default: NAME.tar.gz)')
    .description('export an instance into a file, which `instance import` and `lxc import` take')
    .option('--instance-only', 'without snapshots')
    .option('--overwrite', 'replace the file if there is one')
    .option('--keep', 'leave the export at the server too, for a day');
  addWaitOptions(command);
  addExamples(
    command,
    'longshore instance export web1 ./web1.tar.gz',
    'longshore instance export web1 - --quiet | ssh backup "cat > web1.tar.gz"',
  );
  return command.action(
    async (instance: string, file: string | undefined, options: ExportOptions, self: Command) => {
      const run = openRun(io, self);
      const { id, name } = await findInstance(run, instance);
      const path = file ?? `${name.replaceAll(/[^a-zA-Z0-9._-]/g, '_')}.tar.gz`;
      if (path !== '-' && options.overwrite !== true) await refuseExisting(path);
      const { value } = await run.call('exportInstance', {
        params: { id },
        body: { instanceOnly: options.instanceOnly === true },
        idempotencyKey: newKey(),
      });
      const title = `export ${name}`;
      if (!options.wait) {
        await finishChange(run, { operation: value.operation, title }, options);
        return;
      }
      const [ended = value.operation] = await waitForOperations(
        run,
        [{ title, operation: value.operation }],
        options,
      );
      throwUnlessSucceeded(ended);
      const made = madeExport(ended.result);
      const size = await download(run, made, path);
      if (options.keep !== true) await run.call('deleteExport', { params: { id: made.exportId } });
      if (path === '-') return;
      if (run.format === 'quiet') write(run, `${safeText(path)}\n`);
      else if (run.format === 'table') say(run, `${path}: ${bytes(size)}`);
      else await printDocument(run, ended);
    },
  );
}

type MadeExport = Readonly<{ exportId: string; sha256: string | undefined }>;

function madeExport(result: Readonly<Record<string, unknown>> | null): MadeExport {
  const { exportId, sha256 } = result ?? {};
  if (typeof exportId === 'string')
    return { exportId, sha256: typeof sha256 === 'string' ? sha256 : undefined };
  throw new CliError('failed', 'The server made an export but did not say which.');
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path);
  } catch {
    return; // what is not there is not overwritten; other trouble shows when writing
  }
  throw new CliError('usage', `${path} exists.`, { hint: 'Name another file, or add --overwrite.' });
}

/** Downloads an export beside its place, checks it, and puts it there whole. Returns its size in bytes. */
async function download(run: Run, made: MadeExport, path: string): Promise<number> {
  const client = await run.client();
  const response = await client.download('downloadExport', {
    params: { id: made.exportId },
    signal: run.signal,
  });
  if (response.body === null) throw new CliError('failed', 'The server sent an empty export.');
  const hash = createHash('sha256');
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const source = Readable.fromWeb(response.body);
  const check = () => {
    if (made.sha256 === undefined || hash.digest('hex') === made.sha256) return;
    throw new CliError('failed', `The export arrived damaged (${bytes(size)}).`, { hint: 'Try again.' });
  };
  if (path === '-') {
    await pipeline(source, count, run.io.stdout, { signal: run.signal, end: false });
    check();
    return size;
  }
  const partial = `${path}.part`;
  try {
    await pipeline(source, count, createWriteStream(partial, { mode: 0o600 }), { signal: run.signal });
    check();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return size;
}

type ImportOptions = WaitOptions & Readonly<{ host: string; project?: string; lxdProject?: string }>;

/** `import FILE NAME --host HOST`. */
export function addInstanceImport(parent: Command, io: CliIo): Command {
  const command = parent
    .command('import')
    .argument('<file>', 'an export; - for standard input')
    .argument('<name>', 'name of the new instance')
    .description('make an instance from an exported file')
    .requiredOption('--host <name>', 'where it shall be')
    .option('--project <name>', 'project that it belongs to (default: that of the context)')
    .option('--lxd-project <name>', 'LXD project on the host (default: default)');
  addWaitOptions(command);
  addExamples(command, 'longshore instance import ./web1.tar.gz web1 --host b');
  return command.action(async (file: string, name: string, options: ImportOptions, self: Command) => {
    const run = openRun(io, self);
    const project = options.project ?? (await run.project());
    const { value } = await run.call('importInstance', {
      query: {
        name,
        host: options.host,
        ...(project === undefined ? {} : { project }),
        ...(options.lxdProject === undefined ? {} : { lxdProject: options.lxdProject }),
      },
      stream: toWeb(file === '-' ? run.io.stdin : await openFile(file)),
      idempotencyKey: newKey(),
    });
    const title = `import ${name}`;
    await finishChange(run, { operation: value.operation, title, handle: name }, options);
  });
}

/** Bytes of a stream in the form that fetch sends. */
function toWeb(source: Readable): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else if (value instanceof Uint8Array) controller.enqueue(value);
      else controller.enqueue(Buffer.from(String(value)));
    },
    cancel() {
      source.destroy();
    },
  });
}

function openFile(path: string): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const stream = createReadStream(path);
    stream.once('open', () => resolve(stream));
    stream.once('error', (error) =>
      reject(new CliError('usage', `${path} cannot be read: ${error.message}.`, { cause: error })),
    );
  });
}
