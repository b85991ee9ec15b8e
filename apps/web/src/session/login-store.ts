const TOKEN_KEY = 'longshore.token';

/**
 * Whether somebody is logged in at this tab. A session's cookie cannot be seen by scripts: only the server can say, so it
 * begins with `asking`.
 */
export type LoginState = Readonly<{
  /** Counts logins and logouts, so that a late answer of one says nothing about the next. */
  epoch: number;
  phase: 'asking' | 'in' | 'out';
  /** Null: by the session's cookie, if by anything. */
  token: string | null;
  /** Why the last session ended: by itself, or because who logged in asked for it. */
  ended: 'expired' | 'refused' | null;
}>;

type Listener = () => void;
const listeners = new Set<Listener>();

let state: LoginState = {
  epoch: 0,
  phase: 'asking',
  // Unit tests of what imports this run without a browser.
  token: typeof sessionStorage === 'undefined' ? null : sessionStorage.getItem(TOKEN_KEY),
  ended: null,
};

/** The state now; the same object until it changes. */
export function readLogin(): LoginState {
  return state;
}

/** Tells of each change until the returned function is called. */
export function onLoginChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Somebody logged in: by a token, which is kept in this tab only and ends with it, or (null) by the cookie just set. */
export function enter(token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
  change({ epoch: state.epoch + 1, phase: 'asking', token, ended: null });
}

/** The server knows who asks. */
export function confirm(epoch: number): void {
  if (epoch === state.epoch && state.phase === 'asking') change({ ...state, phase: 'in' });
}

/** Who was logged in logged out. The address stays, so that who logs in next is where they were. */
export function leave(): void {
  sessionStorage.removeItem(TOKEN_KEY);
  change({ epoch: state.epoch + 1, phase: 'out', token: null, ended: null });
}

/** The server does not know who asks: nobody is logged in, or no longer. */
export function refused(epoch: number): void {
  if (epoch !== state.epoch || state.phase === 'out') return;
  sessionStorage.removeItem(TOKEN_KEY);
  const ended = state.phase === 'in' ? 'expired' : state.token === null ? null : 'refused';
  change({ epoch: state.epoch + 1, phase: 'out', token: null, ended });
}

function change(next: LoginState): void {
  state = next;
  for (const listener of listeners) listener();
}
