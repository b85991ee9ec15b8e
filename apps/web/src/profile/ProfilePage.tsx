import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Facts } from '../parts/Facts.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { OwnTokens } from '../tokens/OwnTokens.tsx';
import { AccountTab } from './AccountTab.tsx';
import { KeysTab } from './KeysTab.tsx';
import { LoginTab } from './LoginTab.tsx';
import { SessionsTab } from './SessionsTab.tsx';

const route = getRouteApi('/profile');

/** What belongs to who is logged in: name, ways to log in, sessions, SSH keys, tokens. */
export function ProfilePage() {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/profile' });
  const { me } = useSession();
  if (me.person === null) {
    return (
      <>
        <PageHeader title={t.profile.title} />
        <Facts
          facts={[
            [t.people.name, me.name],
            [t.profile.kind, t.profile.kinds[me.kind]],
          ]}
        />
        <p>{t.profile.noPerson}</p>
      </>
    );
  }
  const { person } = me;
  return (
    <>
      <PageHeader title={t.profile.title} />
      <ResourceTabs
        open={tab}
        change={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={[
          { id: 'account', label: t.people.account, content: () => <AccountTab person={person} /> },
          { id: 'login', label: t.profile.login, content: () => <LoginTab person={person} /> },
          { id: 'sessions', label: t.profile.sessions, content: () => <SessionsTab /> },
          { id: 'keys', label: t.keys.title, content: () => <KeysTab /> },
          { id: 'tokens', label: t.shell.tokens, content: () => <OwnTokens /> },
        ]}
      />
    </>
  );
}
