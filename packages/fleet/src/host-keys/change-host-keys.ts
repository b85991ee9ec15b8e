import { LongshoreError, type SshHostKeyImport, SshHostKeyRotation } from '@longshore/contract';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { instanceForChange } from '../instances/instance-for-change.ts';
import { type OwnInstance, ownInstanceOrFail, readOwnOrFail } from '../instances/own-instance.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { type AnyOperationHandler, defineHandler, type RunningOperation } from '../operations/handler.ts';
import { statusOf } from '../sync/instance-observation.ts';
import { listFolder, putIntoRunning, putIntoStopped, readFromGuest } from './guest-host-keys.ts';
import { replaceHostKeys } from './host-keys-rows.ts';
import { makeHostKeys } from './make-host-keys.ts';
import { type HostKey, hostKeyOf, readPrivateKey } from './openssh-key.ts';

/**
 * Accepts to make new host keys for an instance and to put them into its guest.
 *
 * @throws LongshoreError `busy`, and what {@link instanceForChange} refuses
 */
export function rotateHostKeys(
  context: FleetContext,
  { id, types }: { readonly id: string } & SshHostKeyRotation,
  requester: Requester,
): Promise<Accepted> {
  return acceptFor(context, id, 'instance.host-keys.rotate', { types }, undefined, requester);
}

/**
 * Accepts to keep the host keys that a guest has, or to put given ones into it. Private keys are sealed from here on.
 *
 * @throws LongshoreError `key-refused`, `busy`, and what {@link instanceForChange} refuses
 */
export function importHostKeys(
  context: FleetContext,
  { id, ...asked }: { readonly id: string } & SshHostKeyImport,
  requester: Requester,
): Promise<Accepted> {
  const given = asked.from === 'keys' ? readAll(asked.keys).map((key) => key.privateFile) : undefined;
  const secrets = given === undefined ? undefined : { keys: JSON.stringify(given) };
  return acceptFor(context, id, 'instance.host-keys.import', { from: asked.from }, secrets, requester);
}

function acceptFor(
  context: FleetContext,
  id: string,
  action: 'instance.host-keys.rotate' | 'instance.host-keys.import',
  input: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>> | undefined,
  requester: Requester,
): Promise<Accepted> {
  return acceptOnce(context, requester, async (trx) => {
    const instance = await instanceForChange(trx, id, 'change');
    const operation = await accept(context, trx, {
      action,
      target: { kind: 'instance', id, name: instance.name },
      hostId: instance.hostId,
      input,
      secrets,
      requester,
      instanceId: id,
    });
    return { operation, instanceId: id };
  });
}

/** @throws LongshoreError `key-refused`, also for two of one type: a guest has one of each */
function readAll(texts: readonly string[]): readonly HostKey[] {
  const keys = texts.map((text) => hostKeyOf(readPrivateKey(text)));
  if (new Set(keys.map(({ type }) => type)).size === keys.length) return keys;
  throw new LongshoreError('key-refused', 'There are two keys of one type.', {
    hint: 'A guest has one host key of each type: Ed25519, ECDSA, RSA.',
  });
}

/** What a run that is broken off must still know: the keys that it was about to put into the guest. */
const Memory = z.object({ sealed: z.string().nullable().default(null) });

const rotateHandler = defineHandler({
  action: 'instance.host-keys.rotate',
  input: SshHostKeyRotation,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    const { sealed } = Memory.parse(op.memory);
    // However it ends: what has not come into the guest is of no use any more.
    op.atEnd(async (trx) => {
      await sql`UPDATE operations SET memory = memory - 'sealed' WHERE id = ${op.id}`.execute(trx);
    });
    const { sealer } = op.context;
    let keys: readonly HostKey[];
    if (sealed === null) {
      keys = await op.step('make keys', () => makeHostKeys(op.input.types));
      const texts = JSON.stringify(keys.map((key) => key.privateFile));
      await op.remember({ sealed: sealer.seal(texts, memoryContext(op.id)) });
    } else keys = readAll(Texts.parse(JSON.parse(sealer.open(sealed, memoryContext(op.id)))));
    return putAndKeep(op, row, keys, 'made');
  },
});

const ImportInput = z.object({ from: z.enum(['guest', 'keys']) });
const Texts = z.array(z.string());

const importHandler = defineHandler({
  action: 'instance.host-keys.import',
  input: ImportInput,
  run: async (op) => {
    const row = await ownInstanceOrFail(op.context, op.target);
    if (op.input.from === 'keys') {
      return putAndKeep(op, row, readAll(Texts.parse(JSON.parse(op.secrets.keys ?? '[]'))), 'imported');
    }
    const { client } = await op.host(row.hostId);
    await readOwnOrFail(client, row, op.signal);
    const guest = { client, name: row.name, lxdProject: row.lxdProject, signal: op.signal };
    const texts = await op.step('read keys', () => readFromGuest(guest));
    if (texts.length === 0) {
      throw new LongshoreError('not-found', `The guest ${row.name} has no SSH host keys in /etc/ssh.`, {
        hint: 'Make new ones: longshore instance host-keys NAME rotate.',
      });
    }
    return keep(op, row, readAll(texts), 'imported');
  },
});

/** How the actions on host keys are done. */
export const hostKeyHandlers: readonly AnyOperationHandler[] = [rotateHandler, importHandler];

function memoryContext(operationId: string): string {
  return `operations.memory:${operationId}`;
}

async function putAndKeep(
  op: RunningOperation<unknown>,
  row: OwnInstance,
  keys: readonly HostKey[],
  origin: 'made' | 'imported',
): Promise<Record<string, unknown>> {
  const { client } = await op.host(row.hostId);
  const { value: seen } = await readOwnOrFail(client, row, op.signal);
  op.throwIfCancelled();
  const guest = { client, name: row.name, lxdProject: row.lxdProject, signal: op.lifetime };
  const status = statusOf(seen.status_code);
  if (status !== 'running' && (status !== 'stopped' || seen.type === 'virtual-machine')) {
    throw new LongshoreError('conflict', `The instance ${row.name} is ${status}.`, {
      hint: 'Start it: its files can be reached then.',
    });
  }
  await op.step('put keys into the guest', async () =>
    status === 'running' ? putIntoRunning(guest, keys) : putIntoStopped(guest, keys, await listFolder(guest)),
  );
  return keep(op, row, keys, origin);
}

async function keep(
  op: RunningOperation<unknown>,
  row: OwnInstance,
  keys: readonly HostKey[],
  origin: 'made' | 'imported',
): Promise<Record<string, unknown>> {
  await op.transaction((trx) => replaceHostKeys(trx, op.context.sealer, row.id, keys, origin));
  return { fingerprints: keys.map(({ fingerprint }) => fingerprint) };
}
