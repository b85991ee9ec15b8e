import { Checkbox, Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconReload } from '@tabler/icons-react';
import { useState } from 'react';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { type InstanceFacts, whyNotInstance } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

type Power = 'start' | 'stop' | 'restart' | 'freeze' | 'unfreeze';

const ICONS = {
  start: <IconPlayerPlay size={16} />,
  stop: <IconPlayerStop size={16} />,
  restart: <IconReload size={16} />,
  freeze: <IconPlayerPause size={16} />,
  unfreeze: <IconPlayerPlay size={16} />,
} as const;

/** The power of one instance. In a row: what one mostly wants; on its page: all. Stop and restart ask first. */
export function PowerButtons({
  instance,
  facts,
  compact = false,
}: Readonly<{ instance: Readonly<{ id: string; name: string }>; facts: InstanceFacts; compact?: boolean }>) {
  const { permissions } = useSession();
  const { ask } = useChange();
  const [asked, setAsked] = useState<'stop' | 'restart' | null>(null);
  const [force, setForce] = useState(false);
  const power = (action: Power) =>
    void ask(t.power.title(action, instance.name), () =>
      client.call('powerInstance', {
        params: { id: instance.id },
        body: { action, force: force && action !== 'start' },
      }),
    );
  const frozen = facts.status === 'frozen';
  const shown: readonly Power[] = compact
    ? [facts.status === 'stopped' ? 'start' : frozen ? 'unfreeze' : 'stop', 'restart']
    : ['start', 'stop', 'restart', frozen ? 'unfreeze' : 'freeze'];
  return (
    <Group gap={compact ? 2 : 'xs'} wrap={compact ? 'nowrap' : 'wrap'}>
      {shown.map((action) => (
        <ActionButton
          key={action}
          label={t.power.verbs[action]}
          icon={ICONS[action]}
          compact={compact}
          reason={whyNotInstance(action, facts, permissions)}
          run={() => (action === 'stop' || action === 'restart' ? setAsked(action) : power(action))}
        />
      ))}
      {asked !== null && (
        <ConfirmDialog
          title={t.power.ask(asked, instance.name)}
          text={t.power.askText}
          confirm={t.power.verbs[asked]}
          danger={force}
          close={() => setAsked(null)}
          run={() => power(asked)}
        >
          <Checkbox
            label={t.power.force}
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
          />
        </ConfirmDialog>
      )}
    </Group>
  );
}
