import { randomUUID } from 'node:crypto';
import {
  LongshoreError,
  type Passkey,
  type PasskeyChallenge,
  type PasskeyLogin,
  type PasskeyRegistration,
} from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { blocked } from './password-login.ts';
import { type NewSession, type Origin, openSession } from './sessions.ts';
import { addressSubject, countTry, forgive } from './throttle.ts';
import { requireAnotherWay } from './ways-in.ts';

/** A person looks for the key, and finds it. */
const CHALLENGE_LIFETIME = '5 minutes';
const MAX_PASSKEYS = 20;
/** EdDSA, ES256 and RS256 (https://www.iana.org/assignments/cose/cose.xhtml#algorithms): what keys of today make. */
const ALGORITHMS = [-8, -7, -257];

/** Passkeys are bound to the host name of the origin (https://www.w3.org/TR/webauthn-3/#relying-party-identifier). */
function relyingPartyOf(origin: string): string {
  return new URL(origin).hostname;
}

async function keepChallenge(store: Store, challenge: string, personId: string | null): Promise<string> {
  const id = randomUUID();
  await store.db
    .insertInto('passkey_challenges')
    .values({
      id,
      person_id: personId,
      challenge,
      expires_at: sql<Date>`now() + ${sql.lit(CHALLENGE_LIFETIME)}::interval`,
    })
    .execute();
  return id;
}

/** Takes a challenge away: each is answered once. */
async function takeChallenge(store: Store, id: string, personId: string | null): Promise<string> {
  const row = await store.db
    .deleteFrom('passkey_challenges')
    .where('id', '=', id)
    .where('person_id', 'is not distinct from', personId)
    .where(sql<boolean>`expires_at > now()`)
    .returning('challenge')
    .executeTakeFirst();
  if (row !== undefined) return row.challenge;
  throw new LongshoreError('unauthenticated', 'The challenge is unknown, used or expired.', {
    hint: 'Begin again.',
  });
}

/** Begins to register a passkey of a person. `origin` is where people reach this server. */
export async function beginPasskey(
  store: Store,
  person: Readonly<{ id: string; name: string }>,
  origin: string,
): Promise<PasskeyChallenge> {
  const present = await store.db
    .selectFrom('passkeys')
    .select(['credential_id as id'])
    .where('person_id', '=', person.id)
    .execute();
  if (present.length >= MAX_PASSKEYS) {
    throw new LongshoreError('conflict', `The account has ${MAX_PASSKEYS} passkeys already.`, {
      hint: 'Delete one that is not used any more.',
    });
  }
  const options = await generateRegistrationOptions({
    rpName: 'Longshore',
    rpID: relyingPartyOf(origin),
    userName: person.name,
    userID: Uint8Array.from(Buffer.from(person.id)),
    excludeCredentials: present,
    supportedAlgorithmIDs: ALGORITHMS,
    // The key itself asks for PIN or finger, so that it is both factors, and knows whose it is.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const challengeId = await keepChallenge(store, options.challenge, person.id);
  return { challengeId, options: { ...options } };
}

/**
 * Registers a passkey.
 * @throws LongshoreError `unauthenticated` for a challenge that is over, `bad-request` for an answer that proves nothing,
 * `name-taken` for a key that is registered
 */
export async function registerPasskey(
  store: Store,
  personId: string,
  { challengeId, name, response }: PasskeyRegistration,
  origin: string,
): Promise<Passkey> {
  const expectedChallenge = await takeChallenge(store, challengeId, personId);
  const verified = await verification(() =>
    verifyRegistrationResponse({
      response: {
        id: response.id,
        rawId: response.rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: response.response.clientDataJSON,
          attestationObject: response.response.attestationObject,
        },
      },
      expectedChallenge,
      supportedAlgorithmIDs: ALGORITHMS,
      expectedOrigin: origin,
      expectedRPID: relyingPartyOf(origin),
    }),
  );
  if (!verified.verified) throw refused('bad-request');
  const { credential } = verified.registrationInfo;
  const row = await store.db
    .insertInto('passkeys')
    .values({
      id: randomUUID(),
      person_id: personId,
      credential_id: credential.id,
      public_key: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: response.response.transports ?? [],
      name,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning(['id', 'name', 'created_at', 'last_used_at'])
    .executeTakeFirst();
  if (row === undefined) throw new LongshoreError('name-taken', 'This passkey is registered already.');
  return passkeyOf(row);
}

/** Begins a login by passkey. @throws LongshoreError `too-many-requests` */
export async function beginPasskeyLogin(
  store: Store,
  origin: string,
  address: string,
): Promise<PasskeyChallenge> {
  await countTry(store, [addressSubject(address, 'begun')]);
  const options = await generateAuthenticationOptions({
    rpID: relyingPartyOf(origin),
    userVerification: 'required',
    // No list of keys: it would tell whose account exists. The key knows whose it is.
    allowCredentials: [],
  });
  return { challengeId: await keepChallenge(store, options.challenge, null), options: { ...options } };
}

/**
 * Logs in by passkey.
 * @throws LongshoreError `unauthenticated`, `permission-denied` for a blocked account, `too-many-requests`
 */
export async function loginByPasskey(
  store: Store,
  login: PasskeyLogin,
  publicOrigin: string,
  origin: Origin,
  formerSecret: string | null,
): Promise<NewSession> {
  const { response } = login;
  const subjects = [addressSubject(origin.address)];
  await countTry(store, subjects);
  const expectedChallenge = await takeChallenge(store, login.challengeId, null);
  const key = await store.db
    .selectFrom('passkeys')
    .innerJoin('people', 'people.id', 'passkeys.person_id')
    .select(['passkeys.id', 'person_id', 'people.name', 'people.status', 'public_key', 'counter'])
    .where('credential_id', '=', response.id)
    .executeTakeFirst();
  if (key === undefined) throw refused('unauthenticated');
  const { verified, authenticationInfo } = await verification(
    () =>
      verifyAuthenticationResponse({
        response: {
          id: response.id,
          rawId: response.rawId,
          type: 'public-key',
          clientExtensionResults: {},
          response: {
            clientDataJSON: response.response.clientDataJSON,
            authenticatorData: response.response.authenticatorData,
            signature: response.response.signature,
          },
        },
        expectedChallenge,
        expectedOrigin: publicOrigin,
        expectedRPID: relyingPartyOf(publicOrigin),
        credential: { id: response.id, publicKey: Uint8Array.from(key.public_key), counter: key.counter },
      }),
    'unauthenticated',
  );
  if (!verified) throw refused('unauthenticated');
  await forgive(store.db, subjects);
  await store.db
    .updateTable('passkeys')
    .set({ counter: authenticationInfo.newCounter, last_used_at: sql<Date>`now()` })
    .where('id', '=', key.id)
    .execute();
  if (key.status === 'blocked') throw blocked(key.name);
  return openSession(store.db, key.person_id, { by: 'passkey' }, origin, formerSecret);
}

/** The passkeys of a person, the newest first. */
export async function listPasskeys(store: Store, personId: string): Promise<readonly Passkey[]> {
  const rows = await store.db
    .selectFrom('passkeys')
    .select(['id', 'name', 'created_at', 'last_used_at'])
    .where('person_id', '=', personId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(passkeyOf);
}

/** @throws LongshoreError `not-found`, `last-way-in` */
export async function deletePasskey(store: Store, personId: string, id: string): Promise<void> {
  await store.transaction(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('passkeys')
      .where('id', '=', id)
      .where('person_id', '=', personId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) {
      throw new LongshoreError('not-found', `You have no passkey ${id}.`, { hint: 'List your passkeys.' });
    }
    await requireAnotherWay(trx, personId, { kind: 'passkey', id });
  });
}

function passkeyOf(
  row: Readonly<{ id: string; name: string; created_at: Date; last_used_at: Date | null }>,
): Passkey {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}

/** The library throws plain errors for whatever is wrong with what a client sent. */
async function verification<T>(
  work: () => Promise<T>,
  code: 'bad-request' | 'unauthenticated' = 'bad-request',
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refused(code, error);
  }
}

function refused(code: 'bad-request' | 'unauthenticated', cause?: unknown): LongshoreError {
  return new LongshoreError(code, 'The passkey’s answer proves nothing here.', {
    hint: 'Begin again, at the address of this server, with a passkey that is registered.',
    ...(cause === undefined ? {} : { cause }),
  });
}
