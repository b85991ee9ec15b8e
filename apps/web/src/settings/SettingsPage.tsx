import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { AuditRetention } from '../audit/AuditRetention.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { RolesTable } from '../people/RolesTable.tsx';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { ProvidersTab } from './ProvidersTab.tsx';
import { ServerTab } from './ServerTab.tsx';

const route = getRouteApi('/settings');

/** Settings of the installation, as far as one may see them. */
export function SettingsPage() {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/settings' });
  const { permissions } = useSession();
  const tabs = [
    {
      id: 'providers',
      label: t.settings.providers,
      needs: 'providers:read',
      content: () => <ProvidersTab />,
    },
    {
      id: 'mappings',
      label: t.settings.mappings,
      needs: 'roles:read',
      content: () => <RolesTable groupsOnly />,
    },
    { id: 'audit', label: t.shell.audit, needs: 'audit:read', content: () => <AuditRetention /> },
    { id: 'server', label: t.settings.server, needs: 'server:read', content: () => <ServerTab /> },
  ] as const;
  return (
    <>
      <PageHeader title={t.shell.settings} />
      <ResourceTabs
        open={tab}
        change={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={tabs.filter(({ needs }) => permissions.includes(needs))}
      />
    </>
  );
}
