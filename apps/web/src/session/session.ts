import type { Permission, ServerInfo } from '@longshore/contract';
import { createContext, useContext } from 'react';

/** Who is logged in, what the token permits, and what runs here. */
export type Session = Readonly<{ server: ServerInfo; permissions: readonly Permission[] }>;

export const SessionContext = createContext<Session | null>(null);

/** The session of the page. @throws Error outside of the session gate, which is a fault of ours. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('a page was shown without a session');
  return session;
}
