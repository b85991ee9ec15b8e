import { Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconReload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { type InstanceFacts, whyNotInstance } from '../permissions/why-not.ts';
import { t } from '../texts/texts.ts';
import { PowerDialog } from './PowerDialog.tsx';
import { type Power, usePower } from './use-power.ts';

const ICONS: Readonly<Record<Power, ReactNode>> = {
  start: <IconPlayerPlay size={16} />,
  stop: <IconPlayerStop size={16} />,
  restart: <IconReload size={16} />,
  freeze: <IconPlayerPause size={16} />,
  unfreeze: <IconPlayerPlay size={16} />,
};

type Props = Readonly<{ instance: Readonly<{ id: string; name: string }>; facts: InstanceFacts }>;

/** The power of one instance. Stop and restart ask first. */
export function PowerButtons({ instance, facts }: Props) {
  const power = usePower();
  const [asked, setAsked] = useState<'stop' | 'restart' | null>(null);
  const shown: readonly Power[] = [
    'start',
    'stop',
    'restart',
    facts.status === 'frozen' ? 'unfreeze' : 'freeze',
  ];
  return (
    <Group gap="xs">
      {shown.map((action) => (
        <ActionButton
          key={action}
          label={t.power.verbs[action]}
          icon={ICONS[action]}
          reason={whyNotInstance(action, facts)}
          run={() => (action === 'stop' || action === 'restart' ? setAsked(action) : power(action, instance))}
        />
      ))}
      {asked !== null && (
        <PowerDialog
          action={asked}
          name={instance.name}
          close={() => setAsked(null)}
          run={(force) => power(asked, instance, force)}
        />
      )}
    </Group>
  );
}
