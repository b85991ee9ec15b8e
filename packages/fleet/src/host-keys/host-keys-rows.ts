import { randomUUID } from 'node:crypto';
import type { SshHostKey } from '@longshore/contract';
import { type Database, type Query, type Sealer, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import type { HostKey } from './openssh-key.ts';

/** What a sealed private part is bound to. */
export function hostKeyContext(id: string): string {
  return `ssh_host_keys.private_sealed:${id}`;
}

const Row = z.object({
  id: z.string(),
  type: z.enum(['ed25519', 'ecdsa', 'rsa']),
  bits: z.number(),
  fingerprint: z.string(),
  public_key: z.string(),
  private_sealed: z.string(),
  origin: z.enum(['made', 'imported']),
  created_at: z.date(),
});

async function rowsOf(query: Query, instanceId: string): Promise<readonly z.infer<typeof Row>[]> {
  const { rows } = await sql`
    SELECT * FROM ssh_host_keys WHERE instance_id = ${instanceId}
    ORDER BY array_position(ARRAY['ed25519', 'ecdsa', 'rsa'], type)`.execute(query);
  return z.array(Row).parse(rows);
}

/** The public parts of the host keys of an instance. */
export async function listHostKeys(query: Query, instanceId: string): Promise<readonly SshHostKey[]> {
  return (await rowsOf(query, instanceId)).map((row) => ({
    type: row.type,
    bits: row.bits,
    fingerprint: row.fingerprint,
    publicKey: row.public_key,
    origin: row.origin,
    createdAt: row.created_at.toISOString(),
  }));
}

/** The host keys of an instance with their private parts, to be given to its guest. */
export async function openHostKeys(
  query: Query,
  sealer: Sealer,
  instanceId: string,
): Promise<readonly HostKey[]> {
  return (await rowsOf(query, instanceId)).map((row) => ({
    type: row.type,
    bits: row.bits,
    fingerprint: row.fingerprint,
    publicKey: row.public_key,
    privateFile: sealer.open(row.private_sealed, hostKeyContext(row.id)),
  }));
}

/** Keeps these keys instead of those that the instance had. */
export async function replaceHostKeys(
  trx: Transaction<Database>,
  sealer: Sealer,
  instanceId: string,
  keys: readonly HostKey[],
  origin: 'made' | 'imported',
): Promise<void> {
  await sql`DELETE FROM ssh_host_keys WHERE instance_id = ${instanceId}`.execute(trx);
  for (const key of keys) {
    const id = randomUUID();
    await sql`
      INSERT INTO ssh_host_keys (id, instance_id, type, bits, fingerprint, public_key, private_sealed, origin)
      VALUES (${id}::uuid, ${instanceId}::uuid, ${key.type}, ${key.bits}, ${key.fingerprint}, ${key.publicKey},
        ${sealer.seal(key.privateFile, hostKeyContext(id))}, ${origin})`.execute(trx);
  }
}
