import { IconUsers } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const peopleRoom: Room = {
  id: 'people',
  navigation: [{ to: '/people', label: t.shell.people, icon: IconUsers, position: 70, needs: 'people:read' }],
};
