/**
 * Who asks. A person asks through a session of the browser or through a token of their own, a robot through a token
 * that belongs to nobody; `set-up` is whoever holds the set-up link of the first start.
 */
export type Principal = Readonly<{
  kind: 'person' | 'robot' | 'set-up';
  /** Of the person, or of the robot's token. */
  id: string;
  /** Shown as who asked: a person's login name, a robot's token name. */
  name: string;
  personId: string | null;
  /** A pending person sees only that; robots are always active. Blocked people are nobody. */
  status: 'active' | 'pending';
  tokenId: string | null;
  /** What the token narrows its bearer's rights to; null narrows nothing. A robot has just these, fleet-wide; with none, roles. */
  tokenScopes: readonly string[] | null;
  /** The only projects in which a person's token may do anything; null for no such limit. */
  tokenProjects: readonly string[] | null;
  sessionId: string | null;
  /** When the token ends (RFC 3339); null for never, and for sessions. */
  expiresAt: string | null;
}>;

/** Who asks on a public route. */
export const NOBODY: Principal = {
  kind: 'robot',
  id: '',
  name: '',
  personId: null,
  status: 'active',
  tokenId: null,
  tokenScopes: [],
  tokenProjects: null,
  sessionId: null,
  expiresAt: null,
};

/** What open connections of a principal end with: its session, else its token. */
export function connectionKeyOf(principal: Principal): string {
  return principal.sessionId ?? principal.tokenId ?? principal.id;
}
