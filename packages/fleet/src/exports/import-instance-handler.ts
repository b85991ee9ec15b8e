import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { LongshoreError } from '@longshore/contract';
import { type Instance, isLxdError, type LxdClient } from '@longshore/lxd';
import { z } from 'zod';
import { hostWork, settleHostWork } from '../instances/host-work.ts';
import { lookAt, type OwnInstance, ownInstanceOrFail } from '../instances/own-instance.ts';
import { removeHalfMade } from '../instances/remove-half-made.ts';
import { MARK } from '../moves/portable-config.ts';
import { defineHandler, type RunningOperation, type RunOutcome } from '../operations/handler.ts';
import { refreshInstance } from '../sync/refresh-instance.ts';

export const ImportInput = z.object({
  /** Of the uploaded file, below the data directory. */
  path: z.string(),
  sizeBytes: z.number(),
  /** The process that took the upload. */
  writtenBy: z.string(),
  /** `volatile.uuid` inside the backup; null where it is not known. */
  uuid: z.string().nullable(),
});
export type ImportInput = z.infer<typeof ImportInput>;

const ImportMemory = z.object({
  /** Set once the name was seen free on the host, before the upload begins. */
  uploading: z.boolean().default(false),
  hostOperation: z.string().optional(),
});

/** Sends an uploaded backup to its host, and marks what the host makes of it as ours. */
export const importInstanceHandler = defineHandler({
  action: 'instance.import',
  input: ImportInput,
  run: runImport,
});

async function runImport(op: RunningOperation<ImportInput>): Promise<RunOutcome> {
  const row = await ownInstanceOrFail(op.context, op.target);
  const file = join(op.context.dataDir, op.input.path);
  try {
    const { client } = await op.host(row.hostId);
    await op.step('import', () => importOnce(op, client, row, file));
    await refreshInstance(op.context, row.hostId, row.lxdProject, row.name);
  } catch (error) {
    if (!op.lifetime.aborted && op.givesUp(error)) {
      await removeHalfMade(op, row);
      await rm(file, { force: true });
    }
    throw error;
  }
  await rm(file, { force: true });
  return { instanceId: row.id, hostId: row.hostId };
}

async function importOnce(
  op: RunningOperation<ImportInput>,
  client: LxdClient,
  row: OwnInstance,
  file: string,
): Promise<void> {
  const present = await earlierWork(op, client, row);
  if (present === undefined) {
    op.throwIfCancelled();
    await op.remember({ uploading: true });
    await upload(op, client, row, file);
  }
  const instance = (await client.instances.get(row.name, { project: row.lxdProject, signal: op.lifetime }))
    .value;
  await claim(op, client, row, instance);
}

/**
 * What an earlier run made. An import cannot bear our mark from its beginning, so a whole one is recognised by the
 * host's operation that ended well, or by its identity together with our memory that the name was free before.
 *
 * @throws LongshoreError `name-taken`: somebody else's, or one that nobody can tell; it stays untouched
 */
async function earlierWork(
  op: RunningOperation<ImportInput>,
  client: LxdClient,
  row: OwnInstance,
): Promise<Instance | undefined> {
  const memory = ImportMemory.parse(op.memory);
  if (memory.uploading) await settleHostWork(client, row.lxdProject, row.name, op.signal);
  const seen = (await lookAt(client, row.lxdProject, row.name, op.signal))?.value;
  if (seen === undefined || seen.config[MARK.id] === row.id) return seen;
  const { uuid } = op.input;
  if (memory.uploading && uuid !== null && seen.config['volatile.uuid'] === uuid) return seen;
  if (memory.hostOperation !== undefined && (await endedWell(op, client, memory.hostOperation))) return seen;
  throw new LongshoreError(
    'name-taken',
    `The host has an instance ${row.name} that this import has not made.`,
    {
      hint: 'Choose another name or host. If an import was cut off there, delete its remains on the host first.',
    },
  );
}

async function endedWell(op: RunningOperation<ImportInput>, client: LxdClient, id: string): Promise<boolean> {
  try {
    await client.operations.wait(id, { signal: op.signal });
    return true;
  } catch (error) {
    if (isLxdError(error, 'operation-failed', 'operation-cancelled', 'not-found')) return false;
    throw error;
  }
}

async function upload(
  op: RunningOperation<ImportInput>,
  client: LxdClient,
  row: OwnInstance,
  file: string,
): Promise<void> {
  try {
    await access(file);
  } catch (cause) {
    throw new LongshoreError(
      'not-found',
      `The uploaded file is not in the data directory of this process; ${op.input.writtenBy} took it.`,
      {
        hint: 'Upload it again; processes that share a database should share the data directory, too.',
        cause,
      },
    );
  }
  let sent = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      op.progress((90 * sent) / Math.max(1, op.input.sizeBytes));
      done(null, chunk);
    },
  });
  const source = createReadStream(file);
  source.on('error', (error) => counted.destroy(error));
  try {
    const ref = await client.instances.backups.import(source.pipe(counted), {
      project: row.lxdProject,
      name: row.name,
      bytes: op.input.sizeBytes,
      signal: op.signal,
    });
    await op.remember({ hostOperation: ref.id });
    await hostWork(client, Promise.resolve(ref), { signal: op.signal });
  } finally {
    source.destroy();
    counted.destroy();
  }
}

/**
 * Sets our mark. Where the instance that was exported still exists in the fleet, the new one gets an identity of its
 * own: two with the same address on one network would cut each other off.
 */
async function claim(
  op: RunningOperation<ImportInput>,
  client: LxdClient,
  row: OwnInstance,
  instance: Instance,
): Promise<void> {
  if (instance.config[MARK.id] === row.id) return;
  const uuid = instance.config['volatile.uuid'];
  const twin =
    uuid === undefined
      ? undefined
      : await op.context.store.db
          .selectFrom('instances')
          .select('name')
          .where('host_uuid', '=', uuid.toLowerCase())
          .where('id', '!=', row.id)
          .executeTakeFirst();
  const addresses = Object.keys(instance.config).filter((key) => /^volatile\.[^.]+\.hwaddr$/.test(key));
  const identity: Record<string, string> =
    twin === undefined
      ? {}
      : { 'volatile.uuid': randomUUID(), ...Object.fromEntries(addresses.map((key) => [key, ''])) };
  if (twin !== undefined) op.note(`${twin.name} still exists: this one gets an identity of its own`);
  const config = { ...identity, [MARK.move]: '', [MARK.making]: '', [MARK.id]: row.id };
  await client.instances.patch(row.name, { config }, { project: row.lxdProject, signal: op.lifetime });
}
