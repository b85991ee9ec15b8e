import { ActionIcon, Indicator, Popover, ScrollArea, Stack, Text } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { operationsQuery, RUNNING } from '../live/fleet-queries.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { t } from '../texts/texts.ts';
import { OperationLine } from './OperationLine.tsx';

/** How many operations run, and which. */
export function OperationsBell() {
  const [opened, setOpened] = useState(false);
  const { data } = useQuery(operationsQuery(RUNNING, 50));
  const running = data?.items ?? [];
  const label = t.operations.running(running.length);
  return (
    <Popover opened={opened} onChange={setOpened} width={340} position="bottom-end" withArrow trapFocus>
      <Indicator label={running.length} size={16} disabled={running.length === 0} color="cyan" offset={4}>
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={label}
            title={label}
            onClick={() => setOpened((now) => !now)}
          >
            <IconBell size={20} stroke={1.5} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label={t.operations.bell}>
        <Stack gap="xs">
          {running.length === 0 && <Text size="sm">{t.operations.noneRunning}</Text>}
          <ScrollArea.Autosize mah={360}>
            {running.map((operation) => (
              <OperationLine key={operation.id} operation={operation} />
            ))}
          </ScrollArea.Autosize>
          <LinkTo to="/operations" onClick={() => setOpened(false)}>
            {t.operations.all}
          </LinkTo>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
