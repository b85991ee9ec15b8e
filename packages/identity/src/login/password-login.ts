import { LongshoreError, type PasswordLogin } from '@longshore/contract';
import type { Sealer, Store } from '@longshore/store';
import { hashPassword, passwordMatches } from './password.ts';
import { takeCode } from './second-factor.ts';
import { endSessionsOf, type NewSession, type Origin, openSession } from './sessions.ts';
import { addressSubject, countTry, forget, forgive, type LoginSubject } from './throttle.ts';

/**
 * Logs a person in by name and password, and a code where a second factor is in force. An unknown name, a wrong password
 * and an account without one get the same answer after the same work.
 *
 * @throws LongshoreError `unauthenticated`, `second-factor-required`, `permission-denied` for a blocked account,
 * `too-many-requests`
 */
export async function loginByPassword(
  store: Store,
  sealer: Sealer,
  login: PasswordLogin,
  origin: Origin,
  formerSecret: string | null,
): Promise<NewSession> {
  const name = login.name.trim().toLowerCase();
  const subjects: readonly LoginSubject[] = [{ kind: 'account', of: name }, addressSubject(origin.address)];
  await countTry(store, subjects);
  const person = await store.db
    .selectFrom('people')
    .select(['id', 'name', 'status', 'password_phc', 'totp_sealed', 'totp_confirmed_at', 'totp_last_step'])
    .where('name', '=', name)
    .executeTakeFirst();
  const matches = await passwordMatches(login.password, person?.password_phc ?? null);
  if (person === undefined || !matches) {
    throw new LongshoreError('unauthenticated', 'The name or the password is wrong.', {
      hint: 'Try again; an administrator can give you a new password.',
    });
  }
  const { totp_sealed: sealed } = person;
  if (person.totp_confirmed_at !== null && sealed !== null) {
    if (login.code === undefined) {
      // No failure, and no success that would let codes be guessed without end.
      await forgive(store.db, subjects);
      throw new LongshoreError('second-factor-required', 'A code of the second factor is needed as well.', {
        hint: 'Give the code that the app shows now, or one of the recovery codes.',
      });
    }
    if (!(await takeCode(store, sealer, { ...person, totp_sealed: sealed }, login.code))) {
      throw new LongshoreError('unauthenticated', 'The code is wrong, or was used already.', {
        hint: 'Wait for the next code of the app, or use a recovery code.',
      });
    }
  }
  await forget(store, subjects);
  if (person.status === 'blocked') throw blocked(person.name);
  return openSession(store.db, person.id, { by: 'password' }, origin, formerSecret);
}

/** The answer to who proved to be somebody that was blocked. */
export function blocked(name: string): LongshoreError {
  return new LongshoreError('permission-denied', `The account "${name}" is blocked.`, {
    hint: 'Ask an administrator.',
  });
}

/**
 * Proves with the password that it is the person who sits at the session; throttled as a login.
 * @throws LongshoreError `permission-denied` for a wrong one, `conflict` for an account without one, `too-many-requests`
 */
export async function provePassword(store: Store, personId: string, password: string): Promise<void> {
  const person = await store.db
    .selectFrom('people')
    .select(['name', 'password_phc'])
    .where('id', '=', personId)
    .executeTakeFirst();
  if (person === undefined || person.password_phc === null) {
    throw new LongshoreError('conflict', 'The account has no password.', {
      hint: 'You log in through an identity provider. An administrator can give you a password.',
    });
  }
  const subjects: readonly LoginSubject[] = [{ kind: 'account', of: person.name }];
  await countTry(store, subjects);
  if (!(await passwordMatches(password, person.password_phc))) {
    throw new LongshoreError('permission-denied', 'The password is wrong.', {
      hint: 'Give the present password of your account.',
    });
  }
  await forgive(store.db, subjects);
}

/** Changes a password that was proved, and ends the person's other sessions. */
export async function setPassword(
  store: Store,
  personId: string,
  password: string,
  keptSessionId: string | null,
): Promise<void> {
  const phc = await hashPassword(password);
  await store.transaction(async (trx) => {
    await trx.updateTable('people').set({ password_phc: phc }).where('id', '=', personId).execute();
    await endSessionsOf(trx, personId, keptSessionId);
  });
}
