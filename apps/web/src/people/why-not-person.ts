import { type Me, PERMISSIONS, type Permission, type Person } from '@longshore/contract';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { t } from '../texts/texts.ts';

/** What is done with an account by those who administer people. */
export type PersonAction = 'approve' | 'block' | 'unblock' | 'reset' | 'delete';

/** Why an action on an account is not possible for who asks; null when it is. The server's own rules (docs/people.md). */
export function whyNotPerson(
  action: PersonAction,
  person: Pick<Person, 'id' | 'status'>,
  me: Pick<Me, 'id'>,
  permissions: readonly Permission[],
): string | null {
  const denied = whyNotPermitted('people:write', permissions);
  if (denied !== null) return denied;
  switch (action) {
    case 'approve':
      return person.status === 'pending' ? null : t.people.whyNot.notPending;
    case 'block':
      if (person.id === me.id) return t.people.whyNot.self;
      return person.status === 'blocked' ? t.people.whyNot.isBlocked : null;
    case 'unblock':
      return person.status === 'blocked' ? null : t.people.whyNot.notBlocked;
    case 'reset':
      // Whoever gives a password can be that person.
      return PERMISSIONS.every((each) => permissions.includes(each)) ? null : t.people.whyNot.needsAll;
    case 'delete':
      return person.id === me.id ? t.people.whyNot.self : null;
  }
}
