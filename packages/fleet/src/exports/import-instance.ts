import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FleetContext } from '../fleet-context.ts';
import { distrustGuest } from '../guest-keys/request-guest-keys.ts';
import { insertPendingInstance } from '../instances/pending-instance.ts';
import { reserveName } from '../instances/reserve-name.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { placeInstance } from '../placement/place-instance.ts';
import { endOfLife } from '../projects/lifetimes.ts';
import { lockProject } from '../projects/quotas.ts';
import { findProjectId, noProject } from '../projects/read-projects.ts';
import { type BackupIndex, readBackupIndex } from './backup-index.ts';
import type { ImportInput } from './import-instance-handler.ts';
import { receiveFile } from './receive-file.ts';

/** What to make of an upload. Names are checked by the contract. */
export type ImportRequest = Readonly<{
  name: string;
  /** Name of the host. */
  host: string;
  lxdProject: string;
  /** Longshore's project, by name or identifier. */
  project?: string | undefined;
  /** The backup; read to its end, or destroyed. */
  upload: Readable;
  /** Largest upload taken; default 1 TiB. Free disk bounds it in any case. */
  maxBytes?: number | undefined;
  /** Fires when the client has gone. */
  signal?: AbortSignal | undefined;
}>;

/** Folder of uploads under way or waiting for their host, below the data directory. */
export const IMPORTS_FOLDER = 'imports';

const DEFAULT_MAX_BYTES = 1024 ** 4;

/**
 * Takes an upload into the data directory and accepts its import. Nothing is kept of an upload that breaks off or is
 * refused. What can be refused without the file is refused before it is read.
 *
 * @throws LongshoreError `bad-request` (no backup), `too-large`, `unavailable` (disk full), `name-taken`, `not-found`
 * (no such host), `host-in-maintenance`, `host-quarantined`
 */
export async function importInstance(
  context: FleetContext,
  request: ImportRequest,
  requester: Requester,
): Promise<Accepted> {
  const { upload, signal = new AbortController().signal, maxBytes = DEFAULT_MAX_BYTES } = request;
  try {
    await context.store.transaction((trx) => check(trx, request));
  } catch (error) {
    upload.destroy();
    throw error;
  }
  const id = randomUUID();
  const path = join(IMPORTS_FOLDER, `${id}.backup`);
  const file = join(context.dataDir, path);
  try {
    const received = await receiveFile(file, upload, { signal, maxBytes });
    const index = await readBackupIndex(file);
    const accepted = await acceptImport(
      context,
      { ...request, id, path, sizeBytes: received.sizeBytes, index },
      requester,
    );
    // The same request came before: its own upload is the one that counts.
    if (accepted.operation.id !== id) await rm(file, { force: true });
    return accepted;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

type Uploaded = ImportRequest &
  Readonly<{ id: string; path: string; sizeBytes: number; index: BackupIndex | 'unknown' }>;

function acceptImport(context: FleetContext, uploaded: Uploaded, requester: Requester): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const { id, name, lxdProject, index } = uploaded;
    const placed = await check(trx, uploaded);
    const project = uploaded.project === undefined ? null : await lockProject(trx, uploaded.project);
    const instanceId = randomUUID();
    await insertPendingInstance(trx, {
      id: instanceId,
      name,
      // The host corrects this where the file did not tell.
      type: index === 'unknown' ? 'container' : index.type,
      hostId: placed.hostId,
      lxdProject,
      operationId: id,
      createdBy: requester.name,
      placementReason: placed.reason,
      labels: {},
      membership: {
        project,
        expiresAt: endOfLife(undefined, project, context.clock()),
        config: index === 'unknown' ? {} : index.limits,
        disk: index === 'unknown' ? null : index.disk,
      },
    });
    await distrustGuest(trx, instanceId);
    const input: ImportInput = {
      path: uploaded.path,
      sizeBytes: uploaded.sizeBytes,
      writtenBy: context.workerId,
      uuid: index === 'unknown' ? null : index.uuid,
    };
    const operation = await accept(context, trx, {
      id,
      action: 'instance.import',
      target: { kind: 'instance', id: instanceId, name },
      hostId: placed.hostId,
      input,
      requester,
      instanceId,
    });
    return { operation, instanceId };
  });
}

async function check(
  trx: Parameters<typeof reserveName>[0],
  request: Pick<ImportRequest, 'name' | 'host' | 'lxdProject' | 'project'>,
): Promise<{ readonly hostId: string; readonly reason: string }> {
  const placed = await placeInstance(trx, { placement: { host: request.host }, type: 'container' });
  await reserveName(trx, { name: request.name, lxdProject: request.lxdProject, hostId: placed.hostId });
  if (request.project !== undefined && (await findProjectId(trx, request.project)) === null) {
    throw noProject(request.project);
  }
  return placed;
}
