import { randomUUID } from 'node:crypto';
import {
  LongshoreError,
  type SshKey,
  type SshKeyCreation,
  type SshKeySource,
  SshKeyType,
} from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';
import { z } from 'zod';
import { noPerson } from '../people/read-people.ts';
import { parsePublicKey } from './parse-public-key.ts';
import './ssh-keys-tables.ts';

/** Nobody has so many; each goes into a file of every instance. */
const MAX_KEYS = 100;

const Row = z.object({
  id: z.string(),
  type: SshKeyType,
  bits: z.number(),
  fingerprint: z.string(),
  public_key: z.string(),
  comment: z.string(),
  provider: z.string().nullable(),
  created_at: z.date(),
  expires_at: z.date().nullable(),
});

/** The keys of a person: those added by hand first, then by provider and age. @throws LongshoreError `not-found` */
export async function listSshKeys(query: Query, personId: string): Promise<readonly SshKey[]> {
  await requirePerson(query, personId);
  const { rows } = await keyRows(query, sql`k.person_id = ${personId}`);
  return z.array(Row).parse(rows).map(keyOf);
}

/** How the keys of a person's accounts at providers stand. */
export async function listSshKeySources(query: Query, personId: string): Promise<readonly SshKeySource[]> {
  const { rows } = await sql`
    SELECT p.name AS provider, coalesce(s.state, 'never') AS state, s.fetched_at, s.failure, a.refresh_at AS retry_at
    FROM provider_accounts a JOIN identity_providers p ON p.id = a.provider_id
    LEFT JOIN ssh_key_sources s ON s.account_id = a.id
    WHERE a.person_id = ${personId} AND p.kind = 'gitlab' ORDER BY p.name, a.subject`.execute(query);
  return z
    .array(SourceRow)
    .parse(rows)
    .map((row) => ({
      provider: row.provider,
      state: row.state,
      fetchedAt: row.fetched_at?.toISOString() ?? null,
      failure: row.failure,
      retryAt: row.retry_at?.toISOString() ?? null,
    }));
}

const SourceRow = z.object({
  provider: z.string(),
  state: z.enum(['fresh', 'failing', 'refused', 'never']),
  fetched_at: z.date().nullable(),
  failure: z.string().nullable(),
  retry_at: z.date().nullable(),
});

/**
 * Adds a key by hand. The same key may belong to other people as well: a public key is public, and whoever was refused
 * it would learn who has it, or be kept from their own by a stranger who was quicker.
 *
 * @throws LongshoreError `key-refused`, `key-known`, `conflict` (too many), `bad-request` (it has expired)
 */
export async function addSshKey(store: Store, personId: string, creation: SshKeyCreation): Promise<SshKey> {
  const key = parsePublicKey(creation.key, creation.comment);
  const id = randomUUID();
  return store.transaction(async (trx) => {
    await sql`SELECT FROM people WHERE id = ${personId} FOR NO KEY UPDATE`.execute(trx);
    const present = await listSshKeys(trx, personId);
    const same = present.find(({ fingerprint }) => fingerprint === key.fingerprint);
    if (same !== undefined) {
      throw new LongshoreError('key-known', `The key ${key.fingerprint} is among your keys already.`, {
        hint: same.provider === null ? 'It was added by hand.' : `It comes from ${same.provider}.`,
      });
    }
    if (present.filter(({ source }) => source === 'manual').length >= MAX_KEYS) {
      throw new LongshoreError('conflict', `There are ${MAX_KEYS} keys already.`, {
        hint: 'Remove those that are not used.',
      });
    }
    const { rows } = await sql<{ past: boolean }>`
      INSERT INTO ssh_keys (id, person_id, type, bits, fingerprint, public_key, comment, expires_at)
      VALUES (${id}::uuid, ${personId}::uuid, ${key.type}, ${key.bits}, ${key.fingerprint}, ${key.publicKey}, ${key.comment},
        ${creation.expiresAt}::timestamptz)
      RETURNING coalesce(expires_at <= now(), false) AS past`.execute(trx);
    if (rows[0]?.past === true) {
      throw new LongshoreError('bad-request', 'The key would have expired already.', {
        fields: [{ path: 'expiresAt', message: 'is in the past' }],
      });
    }
    const made = (await listSshKeys(trx, personId)).find((each) => each.id === id);
    if (made === undefined) throw new Error('a key was not there after it was added');
    return made;
  });
}

/**
 * Removes a key of a person.
 *
 * @param who `self` removes only what was added by hand; `administrator` also a provider's, which comes back when the
 * provider still has it
 * @throws LongshoreError `not-found`; `conflict` for a key of a provider
 */
export async function removeSshKey(
  store: Store,
  personId: string,
  id: string,
  who: 'self' | 'administrator',
): Promise<void> {
  await store.transaction(async (trx) => {
    const { rows } = await keyRows(trx, sql`k.person_id = ${personId} AND k.id = ${id}`);
    const [key] = z.array(Row).parse(rows);
    if (key === undefined) {
      throw new LongshoreError('not-found', `There is no SSH key ${id}.`, {
        hint: 'List the keys to see which there are.',
      });
    }
    if (key.provider !== null && who === 'self') {
      throw new LongshoreError('conflict', `The key comes from ${key.provider}.`, {
        hint: 'Remove it there; it leaves here with the next look, at a login at the latest.',
      });
    }
    await trx.deleteFrom('ssh_keys').where('id', '=', id).execute();
  });
}

async function requirePerson(query: Query, id: string): Promise<void> {
  const row = await query.selectFrom('people').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw noPerson(id);
}

function keyRows(query: Query, condition: ReturnType<typeof sql>) {
  return sql`
    SELECT k.id, k.type, k.bits, k.fingerprint, k.public_key, k.comment, p.name AS provider, k.created_at, k.expires_at
    FROM ssh_keys k LEFT JOIN provider_accounts a ON a.id = k.account_id
    LEFT JOIN identity_providers p ON p.id = a.provider_id
    WHERE ${condition} ORDER BY (k.account_id IS NOT NULL), p.name, k.created_at, k.id`.execute(query);
}

function keyOf(row: z.infer<typeof Row>): SshKey {
  return {
    id: row.id,
    type: row.type,
    bits: row.bits,
    fingerprint: row.fingerprint,
    publicKey: row.public_key,
    comment: row.comment,
    source: row.provider === null ? 'manual' : 'provider',
    provider: row.provider,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}
