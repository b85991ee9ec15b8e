import { IconKey } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const tokensRoom: Room = {
  id: 'tokens',
  navigation: [{ to: '/tokens', label: t.shell.tokens, icon: IconKey, position: 80 }],
};
