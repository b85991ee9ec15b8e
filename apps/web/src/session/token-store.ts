const KEY = 'longshore.token';

type Listener = () => void;
const listeners = new Set<Listener>();
let ended: string | null = null;

/** The token of this tab; null when nobody is logged in. Kept in the session storage only: it ends with the tab. */
export function readToken(): string | null {
  return sessionStorage.getItem(KEY);
}

/** Why the last session ended, for the login page; null when it never did. */
export function whyEnded(): string | null {
  return ended;
}

/** Logs in with a token. */
export function keepToken(token: string): void {
  ended = null;
  sessionStorage.setItem(KEY, token);
  for (const listener of listeners) listener();
}

/** Logs out. The address stays, so that who logs in again is where they were. */
export function dropToken(reason: string | null): void {
  if (readToken() === null) return;
  ended = reason;
  sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

/** Tells of each login and logout until the returned function is called. */
export function onTokenChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
