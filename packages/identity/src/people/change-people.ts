import { randomUUID } from 'node:crypto';
import { LongshoreError, type Person, type PersonCreation } from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';
import { hashPassword } from '../login/password.ts';
import { endSessionsOf } from '../login/sessions.ts';
import type { PersonStatus } from './people-tables.ts';
import { noPerson, readPerson } from './read-people.ts';

/**
 * Makes a local account, active and without roles.
 * @throws LongshoreError `name-taken`
 */
export async function createPerson(
  query: Query,
  creation: PersonCreation,
  createdBy: string,
): Promise<Person> {
  const phc = await hashPassword(creation.password);
  const id = randomUUID();
  const { numInsertedOrUpdatedRows } = await query
    .insertInto('people')
    .values({
      id,
      name: creation.name,
      display_name: creation.displayName,
      email: null,
      status: 'active',
      created_by: createdBy,
      approved_by: createdBy,
      last_login_at: null,
      password_phc: phc,
      totp_sealed: null,
      totp_confirmed_at: null,
      totp_last_step: null,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) {
    throw new LongshoreError('name-taken', `There is an account named "${creation.name}" already.`, {
      hint: 'Take another name.',
    });
  }
  return readPerson(query, id);
}

/** Lets in a person who waits. @throws LongshoreError `not-found`, `conflict` when nobody waits */
export async function approvePerson(store: Store, id: string, by: string): Promise<Person> {
  return changeStatus(store, id, 'pending', 'active', by);
}

/**
 * Shuts a person out: the sessions end and the tokens are refused from the commit on, in every process.
 * @throws LongshoreError `not-found`, `conflict` when the person is blocked already, or is who asks
 */
export async function blockPerson(store: Store, id: string, by: Asker): Promise<Person> {
  refuseSelf(id, by, 'block');
  return changeStatus(store, id, ['pending', 'active'], 'blocked', by.name);
}

/** Lets a blocked person in again. @throws LongshoreError `not-found`, `conflict` when the person is not blocked */
export async function unblockPerson(store: Store, id: string, by: string): Promise<Person> {
  return changeStatus(store, id, 'blocked', 'active', by);
}

/**
 * Deletes a person with sessions, tokens, passkeys and roles.
 * @throws LongshoreError `not-found`, `conflict` when it is who asks
 */
export async function deletePerson(store: Store, id: string, by: Asker): Promise<void> {
  refuseSelf(id, by, 'delete');
  await store.transaction(async (trx) => {
    const { numDeletedRows } = await trx.deleteFrom('people').where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) throw noPerson(id);
    await sql`DELETE FROM bindings WHERE subject_kind = 'person' AND subject = ${id}`.execute(trx);
  });
}

/**
 * Gives a person a new password, and takes away second factor, passkeys and sessions: for who lost them.
 * @throws LongshoreError `not-found`
 */
export async function resetPerson(store: Store, id: string, password: string): Promise<Person> {
  const phc = await hashPassword(password);
  return store.transaction(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('people')
      .set({ password_phc: phc, totp_sealed: null, totp_confirmed_at: null, totp_last_step: null })
      .where('id', '=', id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw noPerson(id);
    await trx.deleteFrom('recovery_codes').where('person_id', '=', id).execute();
    await trx.deleteFrom('passkeys').where('person_id', '=', id).execute();
    await endSessionsOf(trx, id, null);
    return readPerson(trx, id);
  });
}

/** Changes how a person is called. @throws LongshoreError `not-found` */
export async function renamePerson(store: Store, id: string, displayName: string): Promise<void> {
  const { numUpdatedRows } = await store.db
    .updateTable('people')
    .set({ display_name: displayName })
    .where('id', '=', id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw noPerson(id);
}

/** Who changes people. */
export type Asker = Readonly<{ name: string; personId: string | null }>;

/** Whoever blocks stays, so that one person at least can still let others in. */
function refuseSelf(id: string, by: Asker, verb: string): void {
  if (by.personId !== id) return;
  throw new LongshoreError('conflict', `You cannot ${verb} your own account.`, {
    hint: 'Another administrator can.',
  });
}

async function changeStatus(
  store: Store,
  id: string,
  from: PersonStatus | readonly PersonStatus[],
  to: PersonStatus,
  by: string,
): Promise<Person> {
  return store.transaction(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('people')
      .set({ status: to, ...(to === 'active' ? { approved_by: by } : {}) })
      .where('id', '=', id)
      .where('status', 'in', typeof from === 'string' ? [from] : from)
      .executeTakeFirst();
    const person = await readPerson(trx, id);
    if (numUpdatedRows === 1n) return person;
    throw new LongshoreError('conflict', `"${person.name}" is ${person.status}.`, {
      hint: 'Somebody may have decided already. Read the list again.',
    });
  });
}
