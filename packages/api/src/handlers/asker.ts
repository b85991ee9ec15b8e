import { LongshoreError, type Me, PERMISSIONS } from '@longshore/contract';
import type { Identity, Principal } from '@longshore/identity';
import type { Permits } from '../authenticate.ts';

/** A person who asks, by a session or an own token. */
export type AskingPerson = Readonly<{ id: string; name: string; sessionId: string | null }>;

/** @throws LongshoreError `permission-denied` for a robot */
export function requirePerson({ personId, name, sessionId }: Principal): AskingPerson {
  if (personId !== null) return { id: personId, name, sessionId };
  throw new LongshoreError('permission-denied', `The token "${name}" belongs to no person.`, {
    hint: 'Log in, or use a token of your own.',
  });
}

/**
 * A person at a browser. What proves who one is cannot be changed by a token: one that leaked would take the account.
 * @throws LongshoreError `permission-denied` for whoever asks by a token
 */
export function requireSession(principal: Principal): AskingPerson & Readonly<{ sessionId: string }> {
  const person = requirePerson(principal);
  if (person.sessionId !== null) return { ...person, sessionId: person.sessionId };
  throw new LongshoreError('permission-denied', 'An account cannot be changed by a token.', {
    hint: 'Log in with a browser.',
  });
}

/**
 * For what would give the asker any permission there is.
 * @throws LongshoreError `permission-denied`
 */
export function requireAllPermissions(permits: Permits, what: string): void {
  if (PERMISSIONS.every(permits)) return;
  throw new LongshoreError('permission-denied', `Only who has all permissions may ${what}.`, {
    hint: 'Ask an administrator of the fleet.',
  });
}

/** Who asks, as `GET /v1/me` tells. */
export async function meOf(identity: Identity, principal: Principal, permits: Permits): Promise<Me> {
  const person = principal.personId === null ? null : await identity.people.get(principal.personId);
  const pending = principal.status === 'pending';
  return {
    kind: principal.kind,
    id: principal.id,
    name: principal.name,
    displayName: person?.displayName ?? principal.name,
    status: principal.status,
    permissions: pending ? [] : PERMISSIONS.filter(permits),
    person: pending ? null : person,
    sessionId: principal.sessionId,
  };
}
