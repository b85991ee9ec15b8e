import { ActionIcon, Indicator } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { operationsQuery, RUNNING } from '../live/fleet-queries.ts';
import { t } from '../texts/texts.ts';

const OperationsDrawer = lazy(async () => ({
  default: (await import('./OperationsDrawer.tsx')).OperationsDrawer,
}));

/** How many operations run; opens the drawer that shows which. */
export function OperationsBell() {
  const [opened, setOpened] = useState(false);
  const { data } = useQuery(operationsQuery(RUNNING, 50));
  const count = data?.items.length ?? 0;
  const label = t.operations.running(count);
  return (
    <>
      <Indicator label={count} size={16} disabled={count === 0} color="cyan" offset={4}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={label}
          aria-expanded={opened}
          title={label}
          onClick={() => setOpened((now) => !now)}
        >
          <IconBell size={20} stroke={1.5} />
        </ActionIcon>
      </Indicator>
      {opened && (
        <Suspense fallback={null}>
          <OperationsDrawer close={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
