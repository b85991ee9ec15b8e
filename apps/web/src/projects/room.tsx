import { IconBriefcase } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const projectsRoom: Room = {
  id: 'projects',
  navigation: [
    { to: '/projects', label: t.shell.projects, icon: IconBriefcase, position: 60, needs: 'projects:read' },
  ],
};
