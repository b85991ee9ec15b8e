import { randomUUID } from 'node:crypto';
import { type Store, sql } from '@longshore/store';
import type { ProviderRow } from '../providers/provider-client.ts';
import { type GitlabAnswer, type GitlabKey, gitlabKeys } from './gitlab-keys.ts';
import { cleanComment, type PublicKey, parsePublicKey } from './parse-public-key.ts';
import './ssh-keys-tables.ts';

/** Asks providers for the keys of people, beside whatever else goes on. */
export type ProviderKeys = Readonly<{
  /**
   * Asks for the keys of an account with the token that was just given for it. Nobody waits for it: how it ends stands
   * with the account.
   */
  ask(provider: ProviderRow, accountId: string, accessToken: string): void;
  /** Breaks off what is under way. */
  stop(): Promise<void>;
}>;

/** A provider that is slow must not make a crowd of those who wait for it. */
const AT_ONCE = 4;
/** The scopes with which GitLab shows keys (https://docs.gitlab.com/integration/oauth_provider/#view-all-authorized-applications). */
const SCOPES = ['read_user', 'api', 'read_api'];
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Keys from providers, on a store. */
export function createProviderKeys(store: Store): ProviderKeys {
  const stopping = new AbortController();
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();

  const next = (): void => {
    while (running.size < AT_ONCE) {
      const work = waiting.shift();
      if (work === undefined) return;
      const run: Promise<void> = work().finally(() => {
        running.delete(run);
        next();
      });
      running.add(run);
    }
  };
  const askNow = async (provider: ProviderRow, accountId: string, accessToken: string): Promise<void> => {
    try {
      const answer = provider.scopes.some((scope) => SCOPES.includes(scope))
        ? await gitlabKeys(provider.issuer, accessToken, stopping.signal)
        : ({ kind: 'refused', reason: `${provider.title} is asked without the scope read_user` } as const);
      if (!stopping.signal.aborted) await keepAnswer(store, accountId, answer);
    } catch (error) {
      store.log.warn({ error, account: accountId }, 'the SSH keys of an account could not be kept');
    }
  };
  const settled = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };

  return {
    ask(provider, accountId, accessToken) {
      if (provider.kind !== 'gitlab' || stopping.signal.aborted) return;
      waiting.push(() => askNow(provider, accountId, accessToken));
      next();
    },
    async stop() {
      stopping.abort();
      waiting.length = 0;
      await settled();
    },
  };
}

/** Keeps what a provider answered. Only a whole list changes keys; any other answer leaves them as they are. */
export async function keepAnswer(store: Store, accountId: string, answer: GitlabAnswer): Promise<void> {
  await store.transaction(async (trx) => {
    const account = await trx
      .selectFrom('provider_accounts')
      .select(['person_id'])
      .where('id', '=', accountId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (account === undefined) return; // deleted meanwhile
    if (answer.kind !== 'keys') {
      const { rows } = await sql<{ failures: number }>`
        INSERT INTO ssh_key_sources AS s (account_id, state, failure, failures)
        VALUES (${accountId}::uuid, ${answer.kind}, ${answer.reason}, 1)
        ON CONFLICT (account_id) DO UPDATE SET state = excluded.state, failure = excluded.failure, failures = s.failures + 1
        RETURNING failures`.execute(trx);
      if (answer.kind === 'refused') return;
      const pauseMs = Math.max(retryMs(rows[0]?.failures ?? 1), answer.retryAfterMs ?? 0);
      // With the next token: an access token is kept nowhere.
      await sql`
        UPDATE provider_accounts SET refresh_at = least(refresh_at, now() + ${pauseMs} * interval '1 millisecond')
        WHERE id = ${accountId} AND refresh_token_sealed IS NOT NULL`.execute(trx);
      return;
    }
    const keys = parsed(answer.keys);
    await sql`
      DELETE FROM ssh_keys WHERE account_id = ${accountId}
        AND fingerprint <> ALL (${keys.map(({ key }) => key.fingerprint)}::text[])`.execute(trx);
    for (const { key, expiresAt } of keys) {
      await sql`
        INSERT INTO ssh_keys AS k (id, person_id, account_id, type, bits, fingerprint, public_key, comment, expires_at)
        VALUES (${randomUUID()}::uuid, ${account.person_id}::uuid, ${accountId}::uuid, ${key.type}, ${key.bits},
          ${key.fingerprint}, ${key.publicKey}, ${key.comment}, ${expiresAt}::timestamptz)
        ON CONFLICT (person_id, fingerprint, account_id) DO UPDATE SET comment = excluded.comment, expires_at = excluded.expires_at
        WHERE (k.comment, k.expires_at) IS DISTINCT FROM (excluded.comment, excluded.expires_at)`.execute(
        trx,
      );
    }
    const left = answer.keys.length - keys.length;
    await sql`
      INSERT INTO ssh_key_sources (account_id, state, fetched_at, failure)
      VALUES (${accountId}::uuid, 'fresh', now(), ${left === 0 ? null : `${left} of its keys are of a kind that is not taken`})
      ON CONFLICT (account_id) DO UPDATE
        SET state = 'fresh', fetched_at = excluded.fetched_at, failure = excluded.failure, failures = 0`.execute(
      trx,
    );
    await sql`DELETE FROM ssh_keys WHERE account_id = ${accountId} AND expires_at <= now()`.execute(trx);
  });
}

/** What is taken of a provider's list: each key once, what we would not take by hand left out. */
function parsed(keys: readonly GitlabKey[]): readonly Readonly<{ key: PublicKey; expiresAt: Date | null }>[] {
  const found = new Map<string, { key: PublicKey; expiresAt: Date | null }>();
  for (const { key: text, title, expiresAt } of keys) {
    try {
      const key = parsePublicKey(text);
      const comment = cleanComment(title) || key.comment;
      found.set(key.fingerprint, { key: { ...key, comment }, expiresAt });
    } catch {
      // Counted by the caller; the provider takes kinds of keys that we do not.
    }
  }
  return [...found.values()];
}

function retryMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10), LONGEST_RETRY_MS);
}
