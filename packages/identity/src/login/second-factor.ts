import { randomBytes } from 'node:crypto';
import { LongshoreError, type SecondFactor, type SecondFactorSetup } from '@longshore/contract';
import { type Query, type Sealer, type Store, sql } from '@longshore/store';
import { generateSecret, generateURI, verifySync } from 'otplib';
import { hashSecret } from '../secret.ts';

const RECOVERY_CODES = 10;
/** 80 bits. */
const RECOVERY_CODE_BYTES = 10;
/** A code is good for its own 30 seconds and the ones before and after (RFC 6238, 5.2): clocks differ. */
const TOLERANCE_SECONDS = 30;
const CODE = /^\d{6}$/;
/** Crockford's alphabet: nothing in it is taken for something else. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Context of the sealed secret. */
export function totpContext(personId: unknown): string {
  return `people.totp_sealed:${personId}`;
}

/** Makes a new secret for an authenticator app. It counts once {@link confirmSecondFactor} saw a code of it. */
export async function beginSecondFactor(
  store: Store,
  sealer: Sealer,
  person: Readonly<{ id: string; name: string }>,
): Promise<SecondFactorSetup> {
  const secret = generateSecret();
  const { numUpdatedRows } = await store.db
    .updateTable('people')
    .set({ totp_sealed: sealer.seal(secret, totpContext(person.id)), totp_last_step: null })
    .where('id', '=', person.id)
    .where('totp_confirmed_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    throw new LongshoreError('conflict', 'The account has a second factor already.', {
      hint: 'Remove it first, then set up the new one.',
    });
  }
  return { secret, uri: generateURI({ issuer: 'Longshore', label: person.name, secret }) };
}

/**
 * Puts the second factor in force and makes recovery codes, which are in the answer and nowhere else.
 * @throws LongshoreError `bad-request` for a wrong code, `conflict` when there is nothing to confirm
 */
export async function confirmSecondFactor(
  store: Store,
  sealer: Sealer,
  personId: string,
  code: string,
): Promise<readonly string[]> {
  return store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('people')
      .select('totp_sealed')
      .where('id', '=', personId)
      .where('totp_confirmed_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || row.totp_sealed === null) {
      throw new LongshoreError('conflict', 'There is no second factor to confirm.', {
        hint: 'Begin with a new secret.',
      });
    }
    const step = stepOf(sealer.open(row.totp_sealed, totpContext(personId)), code, null);
    if (step === null) {
      throw new LongshoreError('bad-request', 'The code is not the present one of the app.', {
        hint: 'Is the clock of the device right?',
        fields: [{ path: 'code', message: 'is not the present code' }],
      });
    }
    await trx
      .updateTable('people')
      .set({ totp_confirmed_at: sql<Date>`now()`, totp_last_step: step })
      .where('id', '=', personId)
      .execute();
    return replaceRecoveryCodes(trx, personId);
  });
}

/** Whether codes are asked for, and how many recovery codes are left. */
export async function readSecondFactor(store: Store, personId: string): Promise<SecondFactor> {
  const { rows } = await sql<SecondFactor>`
    SELECT totp_confirmed_at IS NOT NULL AS enabled,
      (SELECT count(*)::int FROM recovery_codes r WHERE r.person_id = people.id AND r.used_at IS NULL) AS "recoveryCodesLeft"
    FROM people WHERE id = ${personId}::uuid`.execute(store.db);
  return rows[0] ?? { enabled: false, recoveryCodesLeft: 0 };
}

/**
 * Makes new recovery codes instead of the old ones; they are in the answer and nowhere else.
 * @throws LongshoreError `conflict` without a second factor
 */
export async function renewRecoveryCodes(store: Store, personId: string): Promise<readonly string[]> {
  return store.transaction(async (trx) => {
    const row = await trx
      .selectFrom('people')
      .select('id')
      .where('id', '=', personId)
      .where('totp_confirmed_at', 'is not', null)
      .forUpdate()
      .executeTakeFirst();
    if (row !== undefined) return replaceRecoveryCodes(trx, personId);
    throw new LongshoreError('conflict', 'The account has no second factor.', {
      hint: 'Set it up first; that gives recovery codes as well.',
    });
  });
}

async function replaceRecoveryCodes(trx: Query, personId: string): Promise<readonly string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  await trx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await trx
    .insertInto('recovery_codes')
    .values(codes.map((each) => ({ person_id: personId, code_hash: hashSecret(plain(each)), used_at: null })))
    .execute();
  return codes;
}

/** Does without the second factor again. */
export async function removeSecondFactor(store: Store, personId: string): Promise<void> {
  await store.transaction(async (trx) => {
    await trx
      .updateTable('people')
      .set({ totp_sealed: null, totp_confirmed_at: null, totp_last_step: null })
      .where('id', '=', personId)
      .execute();
    await trx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  });
}

/**
 * Takes a code of the app, or a recovery code. Each passes once, whichever process it is given to: the step of the last
 * one is kept with the person (RFC 6238, 5.2), a recovery code is marked as used.
 */
export async function takeCode(
  store: Store,
  sealer: Sealer,
  person: Readonly<{ id: string; totp_sealed: string; totp_last_step: number | null }>,
  code: string,
): Promise<boolean> {
  const text = plain(code);
  if (!CODE.test(text)) {
    const { numUpdatedRows } = await store.db
      .updateTable('recovery_codes')
      .set({ used_at: sql<Date>`now()` })
      .where('person_id', '=', person.id)
      .where('code_hash', '=', hashSecret(text))
      .where('used_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }
  const step = stepOf(sealer.open(person.totp_sealed, totpContext(person.id)), text, person.totp_last_step);
  if (step === null) return false;
  const { numUpdatedRows } = await store.db
    .updateTable('people')
    .set({ totp_last_step: step })
    .where('id', '=', person.id)
    .where(sql<boolean>`coalesce(totp_last_step, -1) < ${step}`)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The 30-second step that a code is of, later than the one given; null for a wrong one. */
function stepOf(secret: string, code: string, after: number | null): number | null {
  if (!CODE.test(code)) return null;
  const result = verifySync({
    secret,
    token: code,
    epochTolerance: TOLERANCE_SECONDS,
    ...(after === null ? {} : { afterTimeStep: after }),
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

function newRecoveryCode(): string {
  let bits = BigInt(`0x${randomBytes(RECOVERY_CODE_BYTES).toString('hex')}`);
  let text = '';
  for (let at = 0; at < (RECOVERY_CODE_BYTES * 8) / 5; at += 1) {
    text += ALPHABET.charAt(Number(bits & 31n));
    bits >>= 5n;
  }
  return text.replaceAll(/(.{4})(?=.)/g, '$1-');
}

function plain(code: string): string {
  return code.toLowerCase().replaceAll(/[\s-]/g, '');
}
