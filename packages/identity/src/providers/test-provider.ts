import { randomBytes } from 'node:crypto';
import type { IdentityProviderTest } from '@longshore/contract';
import * as oidc from 'openid-client';
import type { ProviderRow } from './provider-client.ts';
import { reasonOf } from './provider-failure.ts';

/** What came of the test of a provider. */
export type ProviderTest = Omit<IdentityProviderTest, 'callbackUrl'>;

/**
 * Asks a provider what a login needs of it: its description, and whether it knows the client. For the latter a code that
 * nobody was given is sent: a provider that takes the client's secret answers `invalid_grant` (RFC 6749, 5.2).
 */
export async function testProvider(
  discover: () => Promise<oidc.Configuration>,
  provider: ProviderRow,
  redirectUri: string | null,
): Promise<ProviderTest> {
  const nothing = { ok: false, warnings: [], issuer: null, authorizationUrl: null } as const;
  let configuration: oidc.Configuration;
  try {
    configuration = await discover();
  } catch (error) {
    return { ...nothing, warnings: [], failure: `${reasonOf(error)}.` };
  }
  const metadata = configuration.serverMetadata();
  const told = {
    issuer: metadata.issuer,
    authorizationUrl: metadata.authorization_endpoint ?? null,
    warnings: warningsOf(metadata, provider, redirectUri),
  };
  if (metadata.authorization_endpoint === undefined || metadata.token_endpoint === undefined) {
    return { ...told, ok: false, failure: 'It has no endpoint for logins by authorization code.' };
  }
  const failure = await refusalOfClient(configuration, redirectUri);
  return { ...told, ok: failure === null, failure };
}

function warningsOf(
  metadata: oidc.ServerMetadata,
  provider: ProviderRow,
  redirectUri: string | null,
): string[] {
  const missing = provider.scopes.filter((scope) => metadata.scopes_supported?.includes(scope) === false);
  return [
    ...(missing.length === 0 ? [] : [`It does not list the scopes ${missing.join(', ')}.`]),
    ...(metadata.code_challenge_methods_supported?.includes('S256') === false
      ? ['It does not list the code challenge method S256, which every login here uses.']
      : []),
    ...(metadata.userinfo_endpoint === undefined && provider.kind === 'gitlab'
      ? ['It has no userinfo endpoint, which tells all groups of a person.']
      : []),
    ...(redirectUri === null
      ? [
          'This server does not know its own address: set LONGSHORE_URL_PUBLIC, or nobody comes back from there.',
        ]
      : []),
  ];
}

async function refusalOfClient(
  configuration: oidc.Configuration,
  redirectUri: string | null,
): Promise<string | null> {
  try {
    await oidc.genericGrantRequest(configuration, 'authorization_code', {
      code: randomBytes(16).toString('base64url'),
      code_verifier: oidc.randomPKCECodeVerifier(),
      redirect_uri: redirectUri ?? 'https://longshore.invalid/login/callback',
    });
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant') return null;
    return `${reasonOf(error)}.`;
  }
  return 'It accepted a code that it had given to nobody.';
}
