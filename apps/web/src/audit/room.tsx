import { IconHistory } from '@tabler/icons-react';
import type { Room } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

export const auditRoom: Room = {
  id: 'audit',
  navigation: [{ to: '/audit', label: t.shell.audit, icon: IconHistory, position: 90, needs: 'audit:read' }],
};
