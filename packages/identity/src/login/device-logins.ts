import { randomBytes, randomInt } from 'node:crypto';
import {
  type DeviceLogin,
  type DeviceLoginBegun,
  type DeviceLoginResult,
  LongshoreError,
} from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import { hashSecret } from '../secret.ts';
import { createToken, withoutProjects } from '../tokens.ts';
import { addressSubject, countTry, forgive } from './throttle.ts';

/** A person reads the code, logs in and approves. */
const LIFETIME = '10 minutes';
/** How often the program may ask. */
const INTERVAL_SECONDS = 2;
/** The token of a machine that is logged in on; after it one logs in anew. */
const TOKEN_LIFETIME_MS = 30 * 24 * 3_600_000;
const SECRET_BYTES = 32;
/** Without vowels, so that no words arise, and without what looks alike (RFC 8628, 6.1); 8 of 20 are 34 bits. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LENGTH = 8;

/**
 * Begins the login of a program, as the OAuth device grant does (RFC 8628).
 * @throws LongshoreError `too-many-requests`
 */
export async function beginDeviceLogin(
  store: Store,
  clientName: string,
  address: string,
): Promise<DeviceLoginBegun> {
  await countTry(store, [addressSubject(address, 'begun')]);
  const deviceSecret = randomBytes(SECRET_BYTES).toString('base64url');
  const letters = Array.from({ length: CODE_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length)));
  const userCode = letters.join('');
  await store.db
    .insertInto('device_logins')
    .values({
      secret_hash: hashSecret(deviceSecret),
      user_code: userCode,
      client_name: clientName,
      address,
      expires_at: sql<Date>`now() + ${sql.lit(LIFETIME)}::interval`,
      person_id: null,
    })
    .execute();
  return { deviceSecret, userCode: shown(userCode), intervalSeconds: INTERVAL_SECONDS };
}

/** What a code stands for, for the person who is to approve it. @throws LongshoreError `not-found` */
export async function readDeviceLogin(store: Store, userCode: string): Promise<DeviceLogin> {
  const row = await store.db
    .selectFrom('device_logins')
    .select(['user_code', 'client_name', 'address', 'created_at'])
    .where('user_code', '=', plain(userCode))
    .where('person_id', 'is', null)
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst();
  if (row === undefined) throw unknownCode();
  return {
    userCode: shown(row.user_code),
    clientName: row.client_name,
    address: row.address,
    createdAt: row.created_at.toISOString(),
  };
}

/** Lets the program in as this person. @throws LongshoreError `not-found` */
export async function approveDeviceLogin(store: Store, userCode: string, personId: string): Promise<void> {
  const { numUpdatedRows } = await store.db
    .updateTable('device_logins')
    .set({ person_id: personId })
    .where('user_code', '=', plain(userCode))
    .where('person_id', 'is', null)
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw unknownCode();
}

/**
 * Tells the program whether it was approved; then, once, with a token of the person who did.
 * @throws LongshoreError `unauthenticated` for a login that is unknown, over or taken
 */
export async function pollDeviceLogin(store: Store, deviceSecret: string): Promise<DeviceLoginResult> {
  return store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('device_logins')
      .leftJoin('people', 'people.id', 'device_logins.person_id')
      .select(['secret_hash', 'client_name', 'address', 'person_id', 'people.name', 'people.status'])
      .where('secret_hash', '=', hashSecret(deviceSecret))
      .where(sql<boolean>`expires_at > now()`)
      .forUpdate('device_logins')
      .executeTakeFirst();
    if (row === undefined || (row.person_id !== null && row.status !== 'active')) {
      throw new LongshoreError('unauthenticated', 'This login is unknown, over, or was taken already.', {
        hint: 'Begin again.',
      });
    }
    if (row.person_id === null || row.name === null) return { status: 'waiting', token: null };
    await trx.deleteFrom('device_logins').where('secret_hash', '=', row.secret_hash).execute();
    await forgive(trx, [addressSubject(row.address, 'begun')]);
    const suffix = row.secret_hash.toString('hex', 0, 3);
    const token = await createToken(
      trx,
      {
        name: `${row.client_name} ${suffix}`.slice(0, 100),
        scopes: ['*'],
        expiresAt: new Date(Date.now() + TOKEN_LIFETIME_MS).toISOString(),
      },
      row.name,
      row.person_id,
    );
    return { status: 'approved', token: withoutProjects(token) };
  });
}

function shown(code: string): string {
  return `${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`;
}

function plain(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z]/g, '');
}

function unknownCode(): LongshoreError {
  return new LongshoreError('not-found', 'No login waits under this code.', {
    hint: 'Codes are good for ten minutes. Begin again with `longshore login`.',
  });
}
