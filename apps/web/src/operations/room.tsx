import { IconListCheck } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const operationsRoom: Room = {
  id: 'operations',
  navigation: [
    {
      to: '/operations',
      label: t.shell.operations,
      icon: IconListCheck,
      position: 50,
      needs: 'operations:read',
    },
  ],
};
