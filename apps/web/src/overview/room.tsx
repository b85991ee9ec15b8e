import { IconDashboard } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const overviewRoom: Room = {
  id: 'overview',
  navigation: [
    { to: '/', label: t.shell.overview, icon: IconDashboard, position: 10, exact: true, needs: 'hosts:read' },
  ],
};
