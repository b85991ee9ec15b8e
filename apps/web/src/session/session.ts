import type { Me, MyAccess, Permission } from '@longshore/contract';
import { createContext, useContext } from 'react';
import { type Place, permissionsOn } from './permissions-on.ts';

/** Who is logged in, and what that one may do. */
export type Session = Readonly<{
  me: Me;
  access: MyAccess;
  /** On the whole fleet. */
  permissions: readonly Permission[];
}>;

export const SessionContext = createContext<Session | null>(null);

/** The session of the page. @throws Error outside of the session gate, which is a fault of ours. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('a page was shown without a session');
  return session;
}

/** What who is logged in may do with one instance: by roles on the fleet, its project, its host and its labels. */
export function usePermissionsOn(place: Place): readonly Permission[] {
  return permissionsOn(useSession().access, place);
}

/** Whether something is permitted on the fleet, or on any part of it. */
export function permittedSomewhere(access: MyAccess, permission: Permission): boolean {
  return (
    access.permissions.includes(permission) ||
    access.parts.some((part) => part.permissions.includes(permission))
  );
}
