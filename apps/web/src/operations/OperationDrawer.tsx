import type { Operation } from '@longshore/contract';
import { Alert, Drawer, Group, Progress, Stack, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { operationQuery } from '../live/fleet-queries.ts';
import { Age } from '../parts/Age.tsx';
import { durationText } from '../parts/age-text.ts';
import { Facts } from '../parts/Facts.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { useNow } from '../parts/use-now.ts';
import { t } from '../texts/texts.ts';
import { BulkResult } from './BulkResult.tsx';
import { OperationButtons } from './OperationButtons.tsx';
import { operationTitle } from './operation-title.ts';

/** One operation with its steps, why it failed, and the way to stop it. */
export function OperationDrawer({ id, close }: Readonly<{ id: string; close: () => void }>) {
  const query = useQuery(operationQuery(id));
  const title = query.data === undefined ? t.states.loading : operationTitle(query.data);
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      title={title}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
    >
      <Read query={query}>{(operation) => <Steps operation={operation} />}</Read>
    </Drawer>
  );
}

function Steps({ operation }: Readonly<{ operation: Operation }>) {
  const now = useNow();
  const ended = operation.endedAt !== null;
  const { kind, id: targetId, name } = operation.target;
  return (
    <Stack>
      <Group>
        <StatusBadge status={operation.status} />
        <OperationButtons operation={operation} />
      </Group>
      {!ended && operation.progressPercent !== null && (
        <Progress value={operation.progressPercent} aria-label={operationTitle(operation)} />
      )}
      {operation.failure !== null && (
        <Alert color="red" variant="outline" title={operation.failure.message}>
          <Text size="sm">{operation.failure.hint}</Text>
          <Text size="xs">{operation.failure.code}</Text>
        </Alert>
      )}
      <Facts
        facts={[
          [
            t.operations.target,
            kind === 'instance' && targetId !== null ? (
              <LinkTo key="target" to="/instances/$id" params={{ id: targetId }}>
                {name}
              </LinkTo>
            ) : kind === 'host' && targetId !== null ? (
              <LinkTo key="target" to="/hosts/$id" params={{ id: targetId }}>
                {name}
              </LinkTo>
            ) : (
              name
            ),
          ],
          [t.operations.by, operation.requestedBy],
          [t.operations.asked, <Age key="asked" of={operation.createdAt} />],
          [
            t.operations.took,
            operation.startedAt === null
              ? t.operations.notStarted
              : durationText(operation.startedAt, operation.endedAt, now),
          ],
          [t.operations.attempts, String(operation.attempts)],
        ]}
      />
      {operation.items !== null && <BulkResult id={operation.id} />}
      {operation.steps.length > 0 && (
        <Timeline active={operation.steps.length - 1} bulletSize={16} lineWidth={2}>
          {operation.steps.map((step) => (
            <Timeline.Item
              key={`${step.startedAt} ${step.name}`}
              title={step.name}
              color={step.status === 'failed' ? 'red' : step.status === 'done' ? 'green' : 'cyan'}
            >
              <Text size="xs" c="dimmed">
                {`${t.operations.stepStatus[step.status]}, ${durationText(step.startedAt, step.endedAt, now)}`}
              </Text>
              {step.message !== undefined && <Text size="sm">{step.message}</Text>}
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Stack>
  );
}
