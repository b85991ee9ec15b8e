import type { IncomingMessage, ServerResponse } from 'node:http';

/** An SSH key as `GET /api/v4/user/keys` lists it (https://docs.gitlab.com/api/user_keys/). */
export type GitlabKey = Readonly<{
  id: number;
  title: string;
  key: string;
  created_at: string;
  expires_at: string | null;
  usage_type: 'auth' | 'auth_and_signing' | 'signing';
}>;

/** Somebody with an account at the provider. */
export type ProvidedAccount = Readonly<{
  /** GitLab's numeric identifier, as text; the `sub` of tokens. */
  id: string;
  username: string;
  name: string;
  email: string;
  /** Full paths. */
  groups: readonly string[];
  keys?: readonly GitlabKey[];
}>;

const DEFAULT_PER_PAGE = 20;
const MAX_PER_PAGE = 100;

/**
 * Answers GitLab's documented endpoints for the owner of an access token: `/api/v4/user` and `/api/v4/user/keys` with
 * offset pages (https://docs.gitlab.com/api/rest/#offset-based-pagination).
 */
export function answerGitlab(
  base: string,
  account: ProvidedAccount | null,
  scopes: ReadonlySet<string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', base);
  if (account === null) {
    sendJson(response, 401, {
      error: 'invalid_token',
      error_description: 'Token was revoked or is expired.',
    });
    return;
  }
  // As https://docs.gitlab.com/api/rest/authentication/ has it: the API wants one of these.
  if (!['read_user', 'read_api', 'api'].some((scope) => scopes.has(scope))) {
    sendJson(response, 403, {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: 'api read_api read_user',
    });
    return;
  }
  if (url.pathname === '/api/v4/user') {
    const { id, username, name, email } = account;
    sendJson(response, 200, { id: Number(id), username, name, email, state: 'active', locked: false });
    return;
  }
  if (url.pathname !== '/api/v4/user/keys') {
    sendJson(response, 404, { error: '404 Not Found' });
    return;
  }
  const perPage = Math.min(numberOf(url.searchParams.get('per_page'), DEFAULT_PER_PAGE), MAX_PER_PAGE);
  const page = numberOf(url.searchParams.get('page'), 1);
  const keys = account.keys ?? [];
  const pages = Math.max(1, Math.ceil(keys.length / perPage));
  const next = page < pages ? String(page + 1) : '';
  response.setHeader('x-page', String(page));
  response.setHeader('x-per-page', String(perPage));
  response.setHeader('x-next-page', next);
  response.setHeader('x-total', String(keys.length));
  response.setHeader('x-total-pages', String(pages));
  if (next !== '') {
    url.searchParams.set('page', next);
    url.searchParams.set('per_page', String(perPage));
    response.setHeader('link', `<${url.href}>; rel="next"`);
  }
  sendJson(response, 200, keys.slice((page - 1) * perPage, page * perPage));
}

/** One JSON answer. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function numberOf(text: string | null, otherwise: number): number {
  const value = Number(text ?? otherwise);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}
