import { isLxdError, type LxdClient } from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import type { OwnInstance } from '../instances/own-instance.ts';
import type { RunningOperation } from '../operations/handler.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { listFolder, putIntoRunning, putIntoStopped } from './guest-host-keys.ts';
import { listHostKeys, openHostKeys, replaceHostKeys } from './host-keys-rows.ts';
import { hasSshServer, noteSshServer } from './image-ssh.ts';
import { makeHostKeys, USUAL_TYPES } from './make-host-keys.ts';

/**
 * Gives a container that was just made, and has never run, its host keys. Each run of the operation gives the same ones.
 *
 * One without an SSH server (no /etc/ssh) goes without: what is in an image is looked at once, since a look costs the host
 * a process, a tenth of what launching takes. Virtual machines get theirs on request, once their agent runs.
 *
 * @param image fingerprint of what it was made from; null: look, as at a copy, which has the keys of its original
 */
export async function giveFirstHostKeys(
  op: RunningOperation<unknown>,
  { client }: HostConnection,
  row: OwnInstance,
  image: string | null,
): Promise<void> {
  const { sealer, store } = op.context;
  if (image !== null && (await hasSshServer(store.db, image)) === false) return;
  const guest = { client, name: row.name, lxdProject: row.lxdProject, signal: op.lifetime };
  try {
    const there = await listFolder(guest);
    if (image !== null) await noteSshServer(store.db, image, there !== null);
    if (there === null) return;
    let keys = await openHostKeys(store.db, sealer, row.id);
    if (keys.length === 0) {
      const made = await makeHostKeys(USUAL_TYPES);
      await op.transaction((trx) => replaceHostKeys(trx, sealer, row.id, made, 'made'));
      keys = made;
    }
    const given = keys;
    await op.step('host keys', () => putIntoStopped(guest, given, there));
  } catch (error) {
    if (!isLxdError(error, 'bad-request', 'not-found', 'server-error', 'conflict')) throw error;
    op.note(`without host keys of ours: ${error.message}`);
    await op.transaction((trx) => replaceHostKeys(trx, sealer, row.id, [], 'made'));
  }
}

/**
 * Gives an instance that was set back to an earlier time the host keys that it has now, where they were made since.
 *
 * @param since the time that it was set back to
 */
export async function giveKeptHostKeys(
  op: RunningOperation<unknown>,
  client: LxdClient,
  row: OwnInstance,
  since: Date,
): Promise<void> {
  const { sealer, store } = op.context;
  const newest = (await listHostKeys(store.db, row.id)).map(({ createdAt }) => Date.parse(createdAt));
  if (newest.length === 0 || Math.max(...newest) < since.getTime()) return;
  const keys = await openHostKeys(store.db, sealer, row.id);
  const scope = { project: row.lxdProject, signal: op.lifetime };
  const { value: seen } = await client.instances.get(row.name, scope);
  const guest = { client, name: row.name, lxdProject: row.lxdProject, signal: op.lifetime };
  const status = statusOf(seen.status_code);
  try {
    if (status === 'running') await putIntoRunning(guest, keys);
    else if (status === 'stopped' && seen.type !== 'virtual-machine')
      await putIntoStopped(guest, keys, await listFolder(guest));
  } catch (error) {
    if (op.lifetime.aborted) throw error;
    // It is set back all the same; the person is told what is left to do.
    op.note('it has the host keys of then; rotate them to put new ones into it');
    op.context.log.warn({ operation: op.id, err: error }, 'host keys could not be put back after a restore');
  }
}
