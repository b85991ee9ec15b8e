import type { Person } from '@longshore/contract';
import { useQuery } from '@tanstack/react-query';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { KeyList } from '../profile/KeyList.tsx';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { keysOfPersonQuery } from './people-queries.ts';

/** The SSH keys of a person, as administrators see them. */
export function PersonKeys({ person }: Readonly<{ person: Person }>) {
  const { permissions } = useSession();
  const { done } = useDone();
  const query = useQuery(keysOfPersonQuery(person.id));
  return (
    <Read query={query}>
      {(list) => (
        <KeyList
          list={list}
          whyNotRemove={() => whyNotPermitted('people:write', permissions)}
          remove={(key) =>
            void done(t.keys.removing(key.comment || key.fingerprint), ['people'], () =>
              client.call('removeSshKeyOfPerson', { params: { id: person.id, key: key.id } }),
            )
          }
        />
      )}
    </Read>
  );
}
