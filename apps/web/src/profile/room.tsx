import { IconLogout, IconUser } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { logOut } from '../session/log-out.ts';
import { t } from '../texts/texts.ts';

export const profileRoom: Room = {
  id: 'profile',
  navigation: [{ to: '/profile', label: t.profile.title, icon: IconUser, position: 110 }],
  commands: [{ id: 'log-out', label: t.shell.logout, icon: IconLogout, run: () => void logOut() }],
};
