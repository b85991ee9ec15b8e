import type { Operation } from '@longshore/contract';
import { Card, Drawer, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { operationsQuery, RUNNING } from '../live/fleet-queries.ts';
import { Age } from '../parts/Age.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { t } from '../texts/texts.ts';
import { OperationButtons } from './OperationButtons.tsx';
import { OperationLine } from './OperationLine.tsx';

const FAILED_SHOWN = 10;

/** Everything that goes on, with its progress, and what has failed last, with its cause and the way to ask again. */
export function OperationsDrawer({ close }: Readonly<{ close: () => void }>) {
  const running = useQuery(operationsQuery(RUNNING, 50));
  const failed = useQuery(operationsQuery('status:failed', FAILED_SHOWN * 2));
  const left = (failed.data?.items ?? []).filter(({ parentId }) => parentId === null);
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      title={t.operations.bell}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
    >
      <Stack>
        <Read query={running}>
          {({ items }) =>
            items.length === 0 ? (
              <Text size="sm">{t.operations.noneRunning}</Text>
            ) : (
              <Stack gap="xs">
                {items.map((operation) => (
                  <One key={operation.id} operation={operation} close={close} />
                ))}
              </Stack>
            )
          }
        </Read>
        {left.length > 0 && (
          <>
            <Title order={2} size="h5">
              {t.operations.lately}
            </Title>
            <Stack gap="xs">
              {left.slice(0, FAILED_SHOWN).map((operation) => (
                <One key={operation.id} operation={operation} close={close} />
              ))}
            </Stack>
          </>
        )}
        <LinkTo to="/operations" onClick={close}>
          {t.operations.all}
        </LinkTo>
      </Stack>
    </Drawer>
  );
}

function One({ operation, close }: Readonly<{ operation: Operation; close: () => void }>) {
  return (
    <Card withBorder padding="xs">
      <OperationLine operation={operation} followed={close} />
      <Text size="xs" c="dimmed" mb={4}>
        {operation.requestedBy}, <Age of={operation.endedAt ?? operation.createdAt} />
      </Text>
      <OperationButtons operation={operation} left={close} />
    </Card>
  );
}
