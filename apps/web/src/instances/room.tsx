import { IconBox, IconPlus } from '@tabler/icons-react';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { lazyTab } from '../registry/lazy-tab.ts';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';
import { instanceEntries } from './instance-entries.tsx';

const { tabs } = t.instances;

export const instancesRoom: Room = {
  id: 'instances',
  navigation: [
    { to: '/instances', label: t.shell.instances, icon: IconBox, position: 20, needs: 'instances:read' },
  ],
  instanceTabs: [
    {
      id: 'overview',
      label: tabs.overview,
      position: 10,
      Content: lazyTab(() => import('./tabs/OverviewTab.tsx'), 'OverviewTab'),
    },
    {
      id: 'configuration',
      label: tabs.configuration,
      position: 20,
      Content: lazyTab(() => import('./tabs/ConfigurationTab.tsx'), 'ConfigurationTab'),
    },
    {
      id: 'devices',
      label: tabs.devices,
      position: 30,
      Content: lazyTab(() => import('./tabs/DevicesTab.tsx'), 'DevicesTab'),
    },
    {
      id: 'network',
      label: tabs.network,
      position: 40,
      Content: lazyTab(() => import('./tabs/NetworkTab.tsx'), 'NetworkTab'),
    },
    {
      id: 'snapshots',
      label: tabs.snapshots,
      position: 50,
      Content: lazyTab(() => import('./tabs/SnapshotsTab.tsx'), 'SnapshotsTab'),
    },
    {
      id: 'exports',
      label: tabs.exports,
      position: 60,
      Content: lazyTab(() => import('./tabs/ExportsTab.tsx'), 'ExportsTab'),
    },
    {
      id: 'logs',
      label: tabs.logs,
      position: 70,
      Content: lazyTab(() => import('./tabs/LogsTab.tsx'), 'LogsTab'),
    },
    {
      id: 'access',
      label: tabs.access,
      position: 75,
      Content: lazyTab(() => import('./tabs/AccessTab.tsx'), 'AccessTab'),
    },
    {
      id: 'operations',
      label: tabs.operations,
      position: 80,
      Content: lazyTab(() => import('./tabs/OperationsTab.tsx'), 'OperationsTab'),
    },
    {
      id: 'danger',
      label: t.danger,
      position: 100,
      Content: lazyTab(() => import('./tabs/DangerTab.tsx'), 'DangerTab'),
    },
  ],
  instanceEntries,
  commands: [
    {
      id: 'create-instance',
      label: t.create.title,
      icon: IconPlus,
      keywords: 'new launch container vm',
      whyNot: (access) =>
        access.parts.some((part) => part.permissions.includes('instances:write'))
          ? null
          : whyNotPermitted('instances:write', access.permissions),
      run: ({ go }) => go('/instances/new'),
    },
  ],
};
