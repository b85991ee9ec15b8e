import { IconTerminal2 } from '@tabler/icons-react';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { lazyTab } from '../registry/lazy-tab.ts';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const consolesRoom: Room = {
  id: 'consoles',
  navigation: [
    { to: '/consoles', label: t.consoles.title, icon: IconTerminal2, position: 35, needs: 'consoles:read' },
  ],
  instanceTabs: [
    {
      id: 'console',
      label: t.consoles.tab,
      position: 15,
      Content: lazyTab(() => import('./ConsoleTab.tsx'), 'ConsoleTab'),
    },
  ],
  instanceEntries: [
    {
      id: 'shell',
      label: t.consoles.openOf,
      icon: IconTerminal2,
      whyNot: ({ status, permissions }) =>
        whyNotPermitted('consoles:open', permissions) ?? (status === 'running' ? null : t.consoles.mustRun),
      run: ({ id }, { go }) => go(`/instances/${id}?tab=console`),
    },
  ],
};
