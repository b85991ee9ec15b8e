import { LongshoreError } from '@longshore/contract';
import { type Sealer, type Selectable, type Store, sql } from '@longshore/store';
import * as oidc from 'openid-client';
import { z } from 'zod';
import type { IdentityProvidersTable } from '../people/people-tables.ts';
import { createProviderKeys } from '../ssh-keys/provider-keys.ts';
import { reasonOf, TIMEOUT_SECONDS } from './provider-failure.ts';
import { type ProviderTest, testProvider } from './test-provider.ts';

/** Often enough that who left a group, or deleted a key, is soon gone here; each is two or three calls a person. */
const DEFAULT_REFRESH_MINUTES = 15;
/** Keys and addresses of a provider change rarely, and its keys are fetched again when one is unknown. */
const METADATA_LIFETIME_MS = 600_000;

/** Context of the sealed client secret. */
export function clientSecretContext(providerId: unknown): string {
  return `identity_providers.client_secret_sealed:${providerId}`;
}

/** One provider as it is kept. */
export type ProviderRow = Selectable<IdentityProvidersTable>;

/** What a provider says of a person. */
export type ProvidedPerson = Readonly<{
  subject: string;
  name: string | null;
  displayName: string | null;
  email: string | null;
  groups: readonly string[];
  refreshToken: string | null;
  /** Good for a while, and kept nowhere: for what is asked of the provider right now. */
  accessToken: string;
  /** When the provider is to be asked again. */
  refreshAfterMinutes: number;
}>;

/** What is checked of the browser's return: it belongs to the login that was begun. */
export type LoginChecks = Readonly<{ state: string; nonce: string; codeVerifier: string }>;

/** Speaks OpenID Connect with the providers; GitLab speaks it too (https://docs.gitlab.com/integration/openid_connect_provider/). */
export type ProviderClient = Readonly<{
  /** @throws LongshoreError `provider-failed` */
  authorizationUrl(provider: ProviderRow, redirectUri: string, checks: LoginChecks): Promise<string>;
  /** Exchanges what the browser brought back. @throws LongshoreError `provider-failed` */
  exchange(provider: ProviderRow, returned: URL, checks: LoginChecks): Promise<ProvidedPerson>;
  /** @throws LongshoreError `provider-failed`; {@link AccessWithdrawn} when the provider does not know the login any more */
  refresh(provider: ProviderRow, subject: string, refreshToken: string): Promise<ProvidedPerson>;
  /** Asks a provider anew, with nobody's login, whether it can be used as it is set up here. Throws nothing for it. */
  test(provider: ProviderRow, redirectUri: string | null): Promise<ProviderTest>;
  /**
   * Asks for the SSH keys of an account whose row is committed, beside whatever goes on: nobody waits for it, and how it
   * ends stands with the account.
   */
  askForKeys(provider: ProviderRow, accountId: string, told: ProvidedPerson): void;
  /** Breaks off what goes on beside. */
  stop(): Promise<void>;
}>;

/** What an operator may set. */
export type ProviderClientOptions = Readonly<{
  /** Groups, keys and the account's very existence are asked for again after so many minutes. Default 15. */
  refreshMinutes?: number | undefined;
}>;

/** The provider does not stand for this person any more: the account was closed, or access taken back. */
export class AccessWithdrawn extends Error {
  override readonly name = 'AccessWithdrawn';
}

/** No control characters, and no halves of surrogate pairs: the database takes neither. */
const Text = z
  .string()
  .max(255)
  .regex(/^[^\p{C}]*$/u);
const Claims = z.object({
  sub: Text.min(1),
  preferred_username: Text.optional().catch(undefined),
  nickname: Text.optional().catch(undefined),
  name: Text.optional().catch(undefined),
  email: Text.optional().catch(undefined),
});
const Groups = z.array(Text.min(1)).max(2000);

/** A client of the providers that are configured. */
export function createProviderClient(
  store: Store,
  sealer: Sealer,
  options: ProviderClientOptions = {},
): ProviderClient {
  const keys = createProviderKeys(store);
  const refreshAfterMinutes = options.refreshMinutes ?? DEFAULT_REFRESH_MINUTES;
  const known = new Map<string, { until: number; of: string; configuration: Promise<oidc.Configuration> }>();

  const configurationOf = (provider: ProviderRow): Promise<oidc.Configuration> => {
    const of = `${provider.issuer}\n${provider.client_id}\n${provider.client_secret_sealed}`;
    const present = known.get(provider.id);
    if (present !== undefined && present.of === of && present.until > performance.now()) {
      return present.configuration;
    }
    const configuration = discover(provider, sealer);
    known.set(provider.id, { of, until: performance.now() + METADATA_LIFETIME_MS, configuration });
    // The next one who asks tries again.
    configuration.catch(() => known.delete(provider.id));
    return configuration;
  };

  const asking = async <T>(provider: ProviderRow, work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      if (provider.last_failure !== null) await noteFailure(store, provider.id, null);
      return result;
    } catch (error) {
      if (error instanceof AccessWithdrawn) throw error;
      const reason = reasonOf(error);
      await noteFailure(store, provider.id, reason);
      throw new LongshoreError('provider-failed', `${provider.title} failed: ${reason}.`, {
        hint: 'Try again, or log in another way. An administrator finds the reason at the provider.',
        cause: error,
      });
    }
  };

  return {
    askForKeys: (provider, accountId, told) => keys.ask(provider, accountId, told.accessToken),
    stop: keys.stop,
    test: (provider, redirectUri) => testProvider(() => discover(provider, sealer), provider, redirectUri),
    authorizationUrl: (provider, redirectUri, checks) =>
      asking(provider, async () => {
        const configuration = await configurationOf(provider);
        return oidc.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: ['openid', ...provider.scopes].join(' '),
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(checks.codeVerifier),
          code_challenge_method: 'S256',
          // Without it, no provider of this library's kind gives a refresh token for `offline_access`.
          ...(provider.scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
        }).href;
      }),
    exchange: (provider, returned, checks) =>
      asking(provider, async () => {
        const configuration = await configurationOf(provider);
        const tokens = await oidc.authorizationCodeGrant(configuration, returned, {
          pkceCodeVerifier: checks.codeVerifier,
          expectedState: checks.state,
          expectedNonce: checks.nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('it gave no ID token');
        return {
          ...(await provided(configuration, provider, tokens, claims, claims.sub)),
          refreshAfterMinutes,
        };
      }),
    refresh: (provider, subject, refreshToken) =>
      asking(provider, async () => {
        const configuration = await configurationOf(provider);
        let tokens: Awaited<ReturnType<typeof oidc.refreshTokenGrant>>;
        try {
          tokens = await oidc.refreshTokenGrant(configuration, refreshToken);
        } catch (error) {
          if (error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant') {
            throw new AccessWithdrawn(`${provider.title} does not take the refresh token`, { cause: error });
          }
          throw error;
        }
        const told = await provided(configuration, provider, tokens, tokens.claims() ?? {}, subject);
        return { ...told, refreshAfterMinutes };
      }),
  };
}

async function discover(provider: ProviderRow, sealer: Sealer): Promise<oidc.Configuration> {
  const issuer = new URL(provider.issuer);
  return oidc.discovery(
    issuer,
    provider.client_id,
    sealer.open(provider.client_secret_sealed, clientSecretContext(provider.id)),
    undefined,
    {
      timeout: TIMEOUT_SECONDS,
      // The contract lets plain HTTP pass only to this machine itself.
      execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
    },
  );
}

async function provided(
  configuration: oidc.Configuration,
  provider: ProviderRow,
  tokens: Readonly<{ access_token: string; refresh_token?: string }>,
  idClaims: Readonly<Record<string, unknown>>,
  subject: string,
): Promise<Omit<ProvidedPerson, 'refreshAfterMinutes'>> {
  // GitLab tells all groups only here; its ID token has those of which one is a direct member.
  const userInfo =
    configuration.serverMetadata().userinfo_endpoint === undefined
      ? {}
      : await oidc.fetchUserInfo(configuration, tokens.access_token, subject);
  const all: Record<string, unknown> = { ...idClaims, ...userInfo };
  const claims = Claims.parse({ ...all, sub: subject });
  const groups = Groups.safeParse(all[provider.groups_claim] ?? []);
  if (!groups.success)
    throw new Error(`its claim ${provider.groups_claim} is not a list of at most 2000 names`);
  return {
    subject: claims.sub,
    name: claims.preferred_username ?? claims.nickname ?? claims.email?.split('@')[0] ?? null,
    displayName: claims.name ?? null,
    email: claims.email ?? null,
    groups: groups.data,
    refreshToken: tokens.refresh_token ?? null,
    accessToken: tokens.access_token,
  };
}

async function noteFailure(store: Store, providerId: string, reason: string | null): Promise<void> {
  await store.db
    .updateTable('identity_providers')
    .set({ last_failure: reason, last_failure_at: reason === null ? null : sql<Date>`now()` })
    .where('id', '=', providerId)
    .execute();
}
