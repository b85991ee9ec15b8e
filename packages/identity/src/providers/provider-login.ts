import { randomBytes, randomUUID } from 'node:crypto';
import { LongshoreError } from '@longshore/contract';
import { type Query, type Sealer, type Store, sql } from '@longshore/store';
import { randomPKCECodeVerifier } from 'openid-client';
import { blocked } from '../login/password-login.ts';
import { authenticateSession, type NewSession, type Origin, openSession } from '../login/sessions.ts';
import { addressSubject, countTry } from '../login/throttle.ts';
import { hashSecret } from '../secret.ts';
import { keepTold } from './keep-told.ts';
import { linkAccount } from './linked-identities.ts';
import type { ProvidedPerson, ProviderClient, ProviderRow } from './provider-client.ts';

/** As long as a person may take at the provider's page. */
const LOGIN_LIFETIME = '10 minutes';
const SECRET_BYTES = 32;

/** What became of a login, or a linking, that was begun at a provider, and where the browser goes on. */
export type ProviderLogin =
  | Readonly<{ outcome: 'entered'; session: NewSession; returnTo: string }>
  | Readonly<{ outcome: 'linked'; person: Readonly<{ id: string; name: string }>; returnTo: string }>
  | Readonly<{ outcome: 'failed'; error: LongshoreError; linking: boolean; returnTo: string }>;

function verifierContext(stateHash: Buffer): string {
  return `provider_logins.code_verifier_sealed:${stateHash.toString('hex')}`;
}

/** A path on this server; whatever leads elsewhere becomes the start page (open redirect). */
export function safeReturnTo(text: string): string {
  const base = 'http://here.invalid';
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) || !URL.canParse(text, base)) return '/ui/';
  const url = new URL(text, base);
  return url.origin === base ? `${url.pathname}${url.search}${url.hash}` : '/ui/';
}

/** What a login at a provider begins with; with `linkPersonId`, the account there is linked to that person. */
export type ProviderLoginStart = Readonly<{
  provider: string;
  redirectUri: string;
  returnTo: string;
  address: string;
  linkPersonId?: string;
}>;

/**
 * Begins a login: the address to send the browser to, and the secret that binds the login to that browser.
 * @throws LongshoreError `not-found`, `provider-failed`, `too-many-requests`
 */
export async function beginProviderLogin(
  store: Store,
  sealer: Sealer,
  client: ProviderClient,
  asked: ProviderLoginStart,
): Promise<Readonly<{ url: string; browserSecret: string }>> {
  const provider = await store.db
    .selectFrom('identity_providers')
    .selectAll()
    .where('name', '=', asked.provider)
    .where('enabled', '=', true)
    .executeTakeFirst();
  if (provider === undefined) {
    throw new LongshoreError('not-found', `There is no identity provider "${asked.provider}".`, {
      hint: 'Load the login page again to see which there are.',
    });
  }
  await countTry(store, [addressSubject(asked.address, 'begun')]);
  const newSecret = () => randomBytes(SECRET_BYTES).toString('base64url');
  const [state, nonce, browserSecret] = [newSecret(), newSecret(), newSecret()];
  const codeVerifier = randomPKCECodeVerifier();
  const url = await client.authorizationUrl(provider, asked.redirectUri, { state, nonce, codeVerifier });
  const stateHash = hashSecret(state);
  await store.db
    .insertInto('provider_logins')
    .values({
      state_hash: stateHash,
      browser_hash: hashSecret(browserSecret),
      provider_id: provider.id,
      nonce,
      code_verifier_sealed: sealer.seal(codeVerifier, verifierContext(stateHash)),
      redirect_uri: asked.redirectUri,
      return_to: safeReturnTo(asked.returnTo),
      link_person_id: asked.linkPersonId ?? null,
      expires_at: sql<Date>`now() + ${sql.lit(LOGIN_LIFETIME)}::interval`,
    })
    .execute();
  return { url, browserSecret };
}

/**
 * Ends a login with what the browser brought back: at most once for each that was begun, and only in the browser that
 * began it. Who comes for the first time gets an account that waits for approval, unless a group brings a role.
 *
 * What fails after the login was recognised is told with where it was begun: `provider-failed`, `permission-denied` for
 * a blocked account, `identity-taken` and `conflict` for what cannot be linked.
 *
 * @throws LongshoreError `unauthenticated` for a login that is unknown, over or of another browser
 */
export async function finishProviderLogin(
  store: Store,
  sealer: Sealer,
  client: ProviderClient,
  returned: Readonly<{ query: string; browserSecret: string | null }>,
  origin: Origin,
  formerSecret: string | null,
): Promise<ProviderLogin> {
  const state = new URLSearchParams(returned.query).get('state') ?? '';
  const login = await store.db
    .deleteFrom('provider_logins')
    .where('state_hash', '=', hashSecret(state))
    .where('browser_hash', '=', hashSecret(returned.browserSecret ?? ''))
    .where(sql<boolean>`expires_at > now()`)
    .returningAll()
    .executeTakeFirst();
  const provider =
    login === undefined
      ? undefined
      : await store.db
          .selectFrom('identity_providers')
          .selectAll()
          .where('id', '=', login.provider_id)
          .where('enabled', '=', true)
          .executeTakeFirst();
  if (login === undefined || provider === undefined) {
    throw new LongshoreError('unauthenticated', 'This login was not begun in this browser, or is over.', {
      hint: 'Begin again.',
    });
  }
  const { return_to: returnTo, link_person_id: linkPersonId } = login;
  try {
    const url = new URL(login.redirect_uri);
    url.search = returned.query;
    const codeVerifier = sealer.open(login.code_verifier_sealed, verifierContext(login.state_hash));
    const told = await client.exchange(provider, url, { state, nonce: login.nonce, codeVerifier });
    if (linkPersonId !== null) {
      const person = await link(store, sealer, client, provider, told, {
        personId: linkPersonId,
        formerSecret,
      });
      return { outcome: 'linked', person, returnTo };
    }
    const session = await enter(store, sealer, client, provider, told, origin, formerSecret);
    return { outcome: 'entered', session, returnTo };
  } catch (error) {
    if (!(error instanceof LongshoreError)) throw error;
    return { outcome: 'failed', error, linking: linkPersonId !== null, returnTo };
  }
}

async function enter(
  store: Store,
  sealer: Sealer,
  client: ProviderClient,
  provider: ProviderRow,
  told: ProvidedPerson,
  origin: Origin,
  formerSecret: string | null,
): Promise<NewSession> {
  const session = await store.transaction(async (trx) => {
    const person = await accountOf(trx, sealer, provider, told);
    if (person.status === 'blocked') return { blockedName: person.name };
    const method = { by: 'provider', id: provider.id, name: provider.name } as const;
    const opened = await openSession(trx, person.id, method, origin, formerSecret);
    return { ...opened, accountId: person.accountId };
  });
  if ('blockedName' in session) throw blocked(session.blockedName);
  client.askForKeys(provider, session.accountId, told);
  return session;
}

/** Who began it has to be logged in still: in a browser that somebody else has taken over nothing is linked. */
async function link(
  store: Store,
  sealer: Sealer,
  client: ProviderClient,
  provider: ProviderRow,
  told: ProvidedPerson,
  { personId, formerSecret }: Readonly<{ personId: string; formerSecret: string | null }>,
): Promise<Readonly<{ id: string; name: string }>> {
  const present = formerSecret === null ? null : await authenticateSession(store, formerSecret);
  if (present === null || present.personId !== personId) {
    throw new LongshoreError('unauthenticated', 'The session in which the linking was begun has ended.', {
      hint: 'Log in, and begin again.',
    });
  }
  const accountId = await store.transaction(async (trx) => {
    await lockAccount(trx, provider, told);
    return linkAccount(trx, sealer, provider, told, personId);
  });
  client.askForKeys(provider, accountId, told);
  return { id: personId, name: present.name };
}

/** Two first logins of one person at once: the second waits here, and then finds the account. */
async function lockAccount(trx: Query, provider: ProviderRow, told: ProvidedPerson): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${provider.id} ${told.subject}`}, 0))`.execute(
    trx,
  );
}

async function accountOf(
  trx: Query,
  sealer: Sealer,
  provider: ProviderRow,
  told: ProvidedPerson,
): Promise<Readonly<{ id: string; name: string; status: string; accountId: string }>> {
  await lockAccount(trx, provider, told);
  const present = await trx
    .selectFrom('provider_accounts')
    .select(['id', 'person_id'])
    .where('provider_id', '=', provider.id)
    .where('subject', '=', told.subject)
    .executeTakeFirst();
  const accountId = present?.id ?? randomUUID();
  // Never joined to an account of the same name or e-mail address: a provider could claim either.
  const personId = present?.person_id ?? (await createPendingPerson(trx, provider, told));
  if (present === undefined) {
    await trx
      .insertInto('provider_accounts')
      .values({
        id: accountId,
        provider_id: provider.id,
        subject: told.subject,
        person_id: personId,
        groups: [],
        refresh_token_sealed: null,
        refresh_at: null,
      })
      .execute();
  }
  await keepTold(trx, sealer, { id: accountId, personId }, told);
  const person = await trx
    .selectFrom('people')
    .select(['id', 'name', 'status'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  return { ...person, accountId };
}

const MAX_NAME_TRIES = 50;

async function createPendingPerson(trx: Query, provider: ProviderRow, told: ProvidedPerson): Promise<string> {
  const wished = loginNameOf(told.name ?? provider.name);
  for (let at = 0; at < MAX_NAME_TRIES; at += 1) {
    const name = at === 0 ? wished : `${wished}-${provider.name}${at === 1 ? '' : at}`;
    const row = await trx
      .insertInto('people')
      .values({
        id: randomUUID(),
        name,
        display_name: displayNameOf(told.displayName ?? told.name ?? name),
        email: told.email,
        status: 'pending',
        created_by: `provider:${provider.name}`,
        approved_by: null,
        last_login_at: null,
        password_phc: null,
        totp_sealed: null,
        totp_confirmed_at: null,
        totp_last_step: null,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (row !== undefined) return row.id;
  }
  throw new LongshoreError('name-taken', `All names like "${wished}" are taken.`, {
    hint: 'An administrator can delete accounts that are not used.',
  });
}

const MAX_WISHED_LENGTH = 28;

/** A name by the rules of ours (contract, PersonName) that comes near to the provider's. */
function loginNameOf(text: string): string {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '')
    .slice(0, MAX_WISHED_LENGTH)
    .replaceAll(/^[._-]+|[._-]+$/g, '');
  return name.length >= 2 ? name : `user${name}`;
}

function displayNameOf(text: string): string {
  const name = text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 100)
    .toWellFormed();
  return name === '' ? 'Nameless' : name;
}
