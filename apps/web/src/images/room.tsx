import { IconPhoto } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const imagesRoom: Room = {
  id: 'images',
  navigation: [{ to: '/images', label: t.shell.images, icon: IconPhoto, position: 40, needs: 'images:read' }],
};
