/// <reference path="./oidc-provider.d.ts" />
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { RequestContext } from 'oidc-provider';
import { answerGitlab, type ProvidedAccount, sendJson } from './gitlab-endpoints.ts';
import { createMemoryAdapter } from './memory-adapter.ts';

/** Where the faults of a provider strike. */
export type ProviderEndpoint = 'discovery' | 'authorization' | 'token' | 'userinfo' | 'api';

/** What an endpoint does instead of answering. */
export type ProviderFault =
  | Readonly<{ kind: 'status'; status: 401 | 403 | 429 | 500 | 502 | 503 }>
  /** Takes the request and never answers. */
  | Readonly<{ kind: 'silent' }>
  /** Gives an ID token for another nonce than was asked; at `authorization` alone. */
  | Readonly<{ kind: 'other-nonce' }>;

/** A running provider. */
export type IdentityProviderProcess = Readonly<{
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Whose browser comes next: nobody is asked for a password here. */
  signIn(username: string): void;
  setAccount(account: ProvidedAccount): void;
  /** The account is closed: its tokens are refused, refresh tokens with `invalid_grant`. */
  removeAccount(username: string): void;
  setFault(endpoint: ProviderEndpoint, fault: ProviderFault | null): void;
  /** How often an endpoint was asked. */
  asked(endpoint: ProviderEndpoint): number;
  close(): Promise<void>;
}>;

const CLIENT_ID = 'longshore';
const SCOPES = ['openid', 'offline_access', 'profile', 'email', 'read_user'];
const PATHS: readonly (readonly [string, ProviderEndpoint])[] = [
  ['/.well-known/', 'discovery'],
  ['/auth', 'authorization'],
  ['/token', 'token'],
  ['/me', 'userinfo'],
  ['/api/', 'api'],
];

/**
 * Starts an OpenID Connect provider on a port of the loopback that also answers what GitLab documents for its users.
 * The protocol is a real server library's; as at GitLab, a refresh token comes with every login and is good once, and
 * the groups are in the answer of the userinfo endpoint.
 *
 * @param redirectUris the only addresses that it sends browsers back to
 */
export async function startIdentityProvider(
  redirectUris: readonly string[],
  accounts: readonly ProvidedAccount[],
): Promise<IdentityProviderProcess> {
  const { default: Provider } = await import('oidc-provider');
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const faults = new Map<ProviderEndpoint, ProviderFault>();
  const counts = new Map<ProviderEndpoint, number>();
  const clientSecret = randomBytes(24).toString('base64url');
  let next = accounts[0]?.id ?? '';

  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider has no port');
  const issuer = `http://127.0.0.1:${address.port}`;

  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: SCOPES,
    claims: {
      openid: ['sub'],
      profile: ['name', 'nickname', 'preferred_username', 'groups'],
      email: ['email', 'email_verified'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    // GitLab's access tokens live two hours; the others are ours, longer than a test.
    ttl: {
      AccessToken: 7200,
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: 3600,
      Grant: 86_400,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    findAccount: async (_context: unknown, id: string) => {
      const account = byId.get(id);
      if (account === undefined) return undefined;
      return {
        accountId: id,
        claims: async () => ({
          sub: id,
          name: account.name,
          nickname: account.username,
          preferred_username: account.username,
          groups: account.groups,
          email: account.email,
          email_verified: true,
        }),
      };
    },
    loadExistingGrant: async ({ oidc }: RequestContext) => {
      const grant = new provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope(SCOPES.join(' '));
      await grant.save();
      return grant;
    },
    renderError: async (context: { body: unknown; type: string }, out: unknown) => {
      context.type = 'json';
      context.body = out;
    },
  });
  const protocol = provider.callback();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    const endpoint = PATHS.find(([prefix]) => path.startsWith(prefix))?.[1];
    if (endpoint !== undefined) {
      counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
      const fault = faults.get(endpoint);
      if (fault?.kind === 'silent') return;
      if (fault?.kind === 'status') {
        if (fault.status === 429) response.setHeader('retry-after', '1');
        sendJson(response, fault.status, { error: 'fault', message: String(fault.status) });
        return;
      }
      if (fault?.kind === 'other-nonce') request.url = path.replace(/([?&]nonce=)[^&]+/, '$1another');
    }
    if (path.startsWith('/interaction/')) {
      const result = { login: { accountId: next } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      return;
    }
    if (endpoint === 'api') {
      const secret = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const token = await provider.AccessToken.find(secret);
      const account = (token?.isValid === true ? byId.get(token.accountId) : undefined) ?? null;
      answerGitlab(issuer, account, token?.scopes ?? new Set(), request, response);
      return;
    }
    await protocol(request, response);
  };
  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: String(error) });
    });
  });

  return {
    issuer,
    clientId: CLIENT_ID,
    clientSecret,
    signIn(username) {
      const account = [...byId.values()].find((each) => each.username === username);
      if (account === undefined) throw new Error(`the provider has no account ${username}`);
      next = account.id;
    },
    setAccount: (account) => byId.set(account.id, account),
    removeAccount(username) {
      for (const [id, account] of byId) if (account.username === username) byId.delete(id);
    },
    setFault: (endpoint, fault) => (fault === null ? faults.delete(endpoint) : faults.set(endpoint, fault)),
    asked: (endpoint) => counts.get(endpoint) ?? 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function signingKey(): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'test' };
}
