import { type Client, createClient } from '@longshore/contract';
import { readLogin, refused } from './login-store.ts';

/**
 * Adds the token of this tab, where the login is by one; else the browser adds the session's cookie by itself. Says so when
 * the server no longer knows who asks.
 */
async function fetchAsLoggedIn(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const { token, epoch } = readLogin();
  const headers = new Headers(init?.headers);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(input, { ...init, headers });
  if (response.status === 401) refused(epoch);
  return response;
}

/** The client of the server that these pages came from. */
export const client: Client = createClient({ url: window.location.origin, fetch: fetchAsLoggedIn });

/** The same for those who are not logged in yet: a wrong password is no end of a session. */
export const openClient: Client = createClient({ url: window.location.origin });
