import { LongshoreError } from '@longshore/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiOptions } from './api-options.ts';

/** The part of a request that concerns a browser: cookies, and which page asks. */
export type Browser = Readonly<{
  userAgent: string;
  /** Of the page that asks, exactly as the browser says it; null without a browser. */
  origin: string | null;
  /** The secret of the session's cookie, or null. */
  sessionSecret: string | null;
  /** The secret that binds a login at a provider to this browser, or null. */
  loginSecret: string | null;
  setSession(secret: string): void;
  clearSession(): void;
  setLogin(secret: string): void;
  clearLogin(): void;
  /** @throws LongshoreError `cross-site-request` unless a page of this server asks */
  requireSameSite(): void;
  /**
   * The origin under which people reach this server: as configured, else only the loopback's.
   * @throws LongshoreError `conflict` where it is not known
   */
  publicOrigin(): string;
}>;

/** The header that a page of ours sends with each change; a foreign page cannot without asking first (CORS). */
export const CSRF_HEADER = 'x-longshore-csrf';
const SESSION = 'longshore-session';
const LOGIN = 'longshore-login';
/** As long as a session lives at most (packages/identity/src/sessions.ts). */
const SESSION_SECONDS = 7 * 24 * 3600;
/** As long as a login at a provider may take (packages/identity/src/providers/provider-logins.ts). */
const LOGIN_SECONDS = 600;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

type Settings = Pick<ApiOptions, 'settings' | 'tls'>;

/** Reads what a browser sent, and collects what is to be set. */
export function browserOf(options: Settings, request: FastifyRequest, reply: FastifyReply): Browser {
  const secure = isSecure(options, request);
  const nameOf = (name: string) => (secure ? `__Host-${name}` : name);
  const cookies = readCookies(request.headers.cookie);
  const set = (name: string, value: string, seconds: number) => {
    const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
    void reply.header('set-cookie', `${nameOf(name)}=${value}; ${attributes}`);
  };
  return {
    userAgent: request.headers['user-agent'] ?? '',
    origin: request.headers.origin ?? null,
    sessionSecret: cookies.get(nameOf(SESSION)) ?? null,
    loginSecret: cookies.get(nameOf(LOGIN)) ?? null,
    setSession: (secret) => set(SESSION, secret, SESSION_SECONDS),
    clearSession: () => set(SESSION, '', 0),
    setLogin: (secret) => set(LOGIN, secret, LOGIN_SECONDS),
    clearLogin: () => set(LOGIN, '', 0),
    requireSameSite: () => requireSameSite(options, request),
    publicOrigin: () => publicOrigin(options, request),
  };
}

function publicOrigin({ settings }: Settings, request: FastifyRequest): string {
  if (settings?.publicUrl !== undefined) return new URL(settings.publicUrl).origin;
  // A Host header is a claim of the client. Only for the loopback does it name nothing else.
  if (LOOPBACK.test(request.host)) return `${request.protocol}://${request.host}`;
  throw new LongshoreError('conflict', 'The server does not know under which address people reach it.', {
    hint: 'Set LONGSHORE_URL_PUBLIC, and start it again.',
  });
}

/** Whether the browser speaks TLS to us or to the proxy before us; then the cookie is bound to TLS and this host. */
function isSecure({ settings }: Settings, request: FastifyRequest): boolean {
  return request.protocol === 'https' || settings?.publicUrl?.startsWith('https:') === true;
}

function requireSameSite(options: Settings, request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const own = [`${request.protocol}://${request.host}`];
  if (options.settings?.publicUrl !== undefined) own.push(new URL(options.settings.publicUrl).origin);
  const foreign =
    (site !== undefined && site !== 'same-origin') || (origin !== undefined && !own.includes(origin));
  if (request.headers[CSRF_HEADER] === '1' && !foreign) return;
  throw new LongshoreError('cross-site-request', 'The request does not come from a page of this server.', {
    hint: 'Pages send "X-Longshore-CSRF: 1"; programs use a token instead of a cookie. Behind a proxy, set LONGSHORE_URL_PUBLIC.',
  });
}

/** https://www.rfc-editor.org/rfc/rfc6265#section-5.4; of two cookies of one name the first, more specific one counts. */
function readCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const name = part.slice(0, at).trim();
    if (!cookies.has(name)) cookies.set(name, part.slice(at + 1).trim());
  }
  return cookies;
}
