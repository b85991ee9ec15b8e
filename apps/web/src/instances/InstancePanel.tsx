import type { Instance } from '@longshore/contract';
import { Drawer, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { instanceQuery } from '../live/fleet-queries.ts';
import { ButtonLink } from '../parts/ButtonLink.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { useDeclareSelection } from '../registry/selection.ts';
import { t } from '../texts/texts.ts';
import { InstanceFactList } from './InstanceFactList.tsx';
import { PowerButtons } from './PowerButtons.tsx';
import { useInstanceFacts } from './use-instance-facts.ts';

/** One row beside the table, which stays usable. */
export function InstancePanel({ id, close }: Readonly<{ id: string; close: () => void }>) {
  const query = useQuery(instanceQuery(id));
  const instance = query.data?.value;
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="sm"
      title={instance?.name ?? t.states.loading}
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
      styles={{
        inner: { pointerEvents: 'none' },
        content: { pointerEvents: 'auto', borderLeft: '1px solid var(--mantine-color-default-border)' },
      }}
    >
      <Read query={query}>{({ value }) => <Shown instance={value} />}</Read>
    </Drawer>
  );
}

function Shown({ instance }: Readonly<{ instance: Instance }>) {
  const factsOf = useInstanceFacts();
  const facts = useMemo(() => factsOf({ ...instance, hostId: instance.host.id }), [factsOf, instance]);
  const { id, name } = instance;
  useDeclareSelection(useMemo(() => ({ kind: 'one', instance: { id, name }, facts }), [id, name, facts]));
  return (
    <Stack>
      <Group>
        <StatusBadge status={instance.status} />
        <ButtonLink to="/instances/$id" params={{ id }} variant="default" size="xs">
          {t.instances.open}
        </ButtonLink>
      </Group>
      <PowerButtons instance={instance} facts={facts} />
      <InstanceFactList instance={instance} />
    </Stack>
  );
}
