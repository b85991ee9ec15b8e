import type { Operation } from '@longshore/contract';
import { Button, Progress, Table, Text, UnstyledButton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { operationsQuery } from '../live/fleet-queries.ts';
import { Age } from '../parts/Age.tsx';
import { durationText } from '../parts/age-text.ts';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { useNow } from '../parts/use-now.ts';
import { t } from '../texts/texts.ts';
import { OperationDrawer } from './OperationDrawer.tsx';
import { operationTitle } from './operation-title.ts';

const PAGE = 100;
const MAX_SHOWN = 1000;

type Props = Readonly<{
  filter: string;
  /** The shown operation, where the address holds it; else the table keeps it itself. */
  selected?: string | undefined;
  select?: (id: string | undefined) => void;
}>;

/** The newest operations that match; each opens with its steps. */
export function OperationsTable({ filter, selected, select }: Props) {
  const [limit, setLimit] = useState(PAGE);
  const [own, setOwn] = useState<string | undefined>();
  const query = useQuery({ ...operationsQuery(filter, limit), placeholderData: keepPreviousData });
  const shown = select === undefined ? own : selected;
  const show = select ?? setOwn;
  return (
    <>
      <Read query={query}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title={t.operations.none} text={t.operations.noneText} />
          ) : (
            <>
              <Table.ScrollContainer minWidth={720}>
                <Table highlightOnHover>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t.operations.what}</Table.Th>
                      <Table.Th>{t.operations.status}</Table.Th>
                      <Table.Th>{t.operations.by}</Table.Th>
                      <Table.Th>{t.operations.asked}</Table.Th>
                      <Table.Th>{t.operations.took}</Table.Th>
                      <Table.Th>{t.operations.cause}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map((operation) => (
                      <Row key={operation.id} operation={operation} show={show} />
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
              {next !== null && limit < MAX_SHOWN && (
                <Button variant="default" onClick={() => setLimit((now) => now + PAGE)}>
                  {t.operations.more}
                </Button>
              )}
            </>
          )
        }
      </Read>
      {shown !== undefined && <OperationDrawer id={shown} close={() => show(undefined)} />}
    </>
  );
}

function Row({ operation, show }: Readonly<{ operation: Operation; show: (id: string) => void }>) {
  const now = useNow();
  const isRunning = operation.endedAt === null;
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton c="var(--mantine-color-anchor)" fz="sm" onClick={() => show(operation.id)}>
          {operationTitle(operation)}
        </UnstyledButton>
      </Table.Td>
      <Table.Td>
        <StatusBadge status={operation.status} />
        {isRunning && operation.progressPercent !== null && (
          <Progress value={operation.progressPercent} size="xs" aria-label={operationTitle(operation)} />
        )}
      </Table.Td>
      <Table.Td>{operation.requestedBy}</Table.Td>
      <Table.Td>
        <Age of={operation.createdAt} />
      </Table.Td>
      <Table.Td>
        {operation.startedAt === null ? '' : durationText(operation.startedAt, operation.endedAt, now)}
      </Table.Td>
      <Table.Td maw={360}>
        <Text size="sm" truncate title={operation.failure?.message ?? ''}>
          {operation.failure?.message ??
            (operation.items === null
              ? ''
              : t.bulk.result(operation.items.succeeded, operation.items.failed, operation.items.total))}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
