import { LongshoreError, type NewToken, type PersonCreation } from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';
import { type NewSession, type Origin, openSession } from './login/sessions.ts';
import { createPerson } from './people/change-people.ts';
import { hashSecret, newSetupCode } from './secret.ts';
import { createToken, type PlacedToken, withoutProjects } from './tokens.ts';

/** Long enough for a person who installs today and comes back tomorrow. */
const SETUP_LIFETIME = '24 hours';

/** What the first start prints. */
export type FirstStart = Readonly<{
  setupCode: string;
  token: PlacedToken & Readonly<{ secret: string }>;
}>;

/**
 * A one-time code for a new administrator's token, valid for a day: `POST /v1/setup`, or the page `/setup#CODE`.
 * The code is in the answer and nowhere else.
 */
export async function createSetupLink(query: Query): Promise<string> {
  const code = newSetupCode();
  await query
    .insertInto('setup_codes')
    .values({
      code_hash: hashSecret(code),
      expires_at: sql<Date>`now() + ${sql.lit(SETUP_LIFETIME)}::interval`,
      used_at: null,
    })
    .execute();
  return code;
}

/**
 * Exchanges a set-up code for a token with all scopes; it works once, whoever else tries at the same moment.
 * @throws LongshoreError `unauthenticated` for a code that is unknown, used or expired
 */
export async function redeemSetup(store: Store, code: string): Promise<NewToken> {
  return store.transaction(async (trx) => {
    await useUp(trx, code);
    const moment = new Date().toISOString().slice(0, 19);
    const token = await createToken(
      trx,
      { name: `set-up ${moment} ${hashSecret(code).toString('hex', 0, 4)}`, scopes: ['*'], expiresAt: null },
      'set-up link',
    );
    return withoutProjects(token);
  });
}

async function useUp(query: Query, code: string): Promise<void> {
  const { numUpdatedRows } = await query
    .updateTable('setup_codes')
    .set({ used_at: sql<Date>`now()` })
    .where('code_hash', '=', hashSecret(code))
    .where('used_at', 'is', null)
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  throw new LongshoreError('unauthenticated', 'The set-up code is unknown, used or expired.', {
    hint: 'Make a new one on the machine of Longshore, or ask an administrator for a token.',
  });
}

/** An account that a set-up code is exchanged for. */
export type FirstAdministrator = PersonCreation & Readonly<{ code: string }>;

/**
 * Exchanges a set-up code for an administrator's account, and logs in. A name that is taken leaves the code unused.
 * @throws LongshoreError `unauthenticated` for a code that is unknown, used or expired, `name-taken`
 */
export async function createFirstAdministrator(
  store: Store,
  { code, ...creation }: FirstAdministrator,
  origin: Origin,
  formerSecret: string | null,
): Promise<NewSession> {
  return store.transaction(async (trx) => {
    await useUp(trx, code);
    const { id } = await createPerson(trx, creation, 'set-up link');
    await sql`INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope, source)
      VALUES (gen_random_uuid(), 'person', ${id}, 'admin', 'fleet', '', 'direct')`.execute(trx);
    return openSession(trx, id, { by: 'set-up' }, origin, formerSecret);
  });
}

/**
 * On a database without any token: makes the administrator's first one and a set-up code. Otherwise null. Of several
 * processes that start at once, one gets them.
 */
export async function prepareFirstStart(store: Store): Promise<FirstStart | null> {
  return store.transaction(async (trx) => {
    await sql`LOCK TABLE tokens IN SHARE ROW EXCLUSIVE MODE`.execute(trx);
    const any = await trx.selectFrom('tokens').select('id').limit(1).executeTakeFirst();
    if (any !== undefined) return null;
    const token = await createToken(trx, { name: 'admin', scopes: ['*'], expiresAt: null }, 'first start');
    return { token, setupCode: await createSetupLink(trx) };
  });
}
