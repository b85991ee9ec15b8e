import { IconPlus, IconServer2 } from '@tabler/icons-react';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { lazyTab } from '../registry/lazy-tab.ts';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const hostsRoom: Room = {
  id: 'hosts',
  navigation: [{ to: '/hosts', label: t.shell.hosts, icon: IconServer2, position: 30, needs: 'hosts:read' }],
  hostTabs: [
    {
      id: 'overview',
      label: () => t.hosts.tabs.overview,
      position: 10,
      Content: lazyTab(() => import('./HostOverview.tsx'), 'HostOverview'),
    },
    {
      id: 'instances',
      label: (host) => `${t.hosts.tabs.instances} (${host.instances.total})`,
      position: 20,
      Content: lazyTab(() => import('./HostInstances.tsx'), 'HostInstances'),
    },
    {
      id: 'events',
      label: () => t.hosts.tabs.events,
      position: 50,
      Content: lazyTab(() => import('./HostEvents.tsx'), 'HostEvents'),
    },
    {
      id: 'operations',
      label: () => t.hosts.tabs.operations,
      position: 40,
      Content: lazyTab(() => import('./HostOperations.tsx'), 'HostOperations'),
    },
    {
      id: 'settings',
      label: () => t.hosts.tabs.settings,
      position: 90,
      Content: lazyTab(() => import('./HostSettings.tsx'), 'HostSettings'),
    },
  ],
  commands: [
    {
      id: 'enrol-host',
      label: t.hosts.enrol,
      icon: IconPlus,
      keywords: 'add host lxd incus trust',
      whyNot: (access) => whyNotPermitted('hosts:write', access.permissions),
      run: ({ go }) => go('/hosts/enrol'),
    },
  ],
};
