import { type Client, createClient } from '@longshore/contract';
import { t } from '../texts/texts.ts';
import { dropToken, readToken } from './token-store.ts';

/** Adds the token of this tab, and logs out when the server no longer takes it. */
async function fetchWithToken(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const token = readToken();
  const headers = new Headers(init?.headers);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(input, { ...init, headers });
  // Only when it is still the token that was refused: a slow answer must not end the next session.
  if (response.status === 401 && token === readToken()) dropToken(t.login.ended);
  return response;
}

/** The client of the server that these pages came from. */
export const client: Client = createClient({ url: window.location.origin, fetch: fetchWithToken });
