import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { PageHeader } from '../parts/PageHeader.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { OwnTokens } from './OwnTokens.tsx';
import { RobotTokens } from './RobotTokens.tsx';

const route = getRouteApi('/tokens');

/** Tokens: who may do what by them, until when; made and revoked. Robots' first, for whoever sees them. */
export function TokensPage() {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/tokens' });
  const { permissions } = useSession();
  const robots = { id: 'robots', label: t.tokens.robots, content: () => <RobotTokens /> };
  const own = { id: 'own', label: t.tokens.own, content: () => <OwnTokens /> };
  return (
    <>
      <PageHeader title={t.shell.tokens} />
      <ResourceTabs
        open={tab}
        change={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={permissions.includes('tokens:read') ? [robots, own] : [own, robots]}
      />
    </>
  );
}
