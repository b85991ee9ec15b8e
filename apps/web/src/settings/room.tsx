import { IconSettings } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const settingsRoom: Room = {
  id: 'settings',
  navigation: [
    { to: '/settings', label: t.shell.settings, icon: IconSettings, position: 100, needs: 'providers:read' },
  ],
};
