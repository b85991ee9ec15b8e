import { Button, Checkbox, Group, Menu, Text } from '@mantine/core';
import { IconColumns3, IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { changeSearch } from '../app/search.ts';
import { ButtonLink } from '../parts/ButtonLink.tsx';
import { FilterBar } from '../parts/FilterBar.tsx';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { numberText, t } from '../texts/texts.ts';
import { BulkBar } from './BulkBar.tsx';
import { COLUMNS, type Column, hiddenColumns, keepHiddenColumns } from './column-memory.ts';
import { InstancePanel } from './InstancePanel.tsx';
import { InstanceTable } from './InstanceTable.tsx';
import type { InstanceRow } from './match-filter.ts';
import { PowerDialog } from './PowerDialog.tsx';
import type { RowPower } from './RowActions.tsx';
import { useInstanceFacts } from './use-instance-facts.ts';
import { useInstanceRows } from './use-instance-rows.ts';
import { usePower } from './use-power.ts';

const route = getRouteApi('/instances');
const NONE: ReadonlySet<string> = new Set();
const OFFERS = [
  { label: t.status.running, term: 'status:running' },
  { label: t.status.stopped, term: 'status:stopped' },
  { label: t.status.missing, term: 'status:missing' },
  { label: t.types.container, term: 'type:container' },
  { label: t.types['virtual-machine'], term: 'type:vm' },
  { label: t.instances.found, term: 'claimed:false' },
];

/** All instances of the fleet: found, chosen, and acted on. */
export function InstancesPage() {
  const { filter = '', sort = 'name', selected } = route.useSearch();
  const navigate = useNavigate({ from: '/instances' });
  const { access } = useSession();
  const { query, rows, total, error } = useInstanceRows(filter, sort);
  const [chosen, setChosen] = useState(NONE);
  const [asked, setAsked] = useState<Readonly<{ action: 'stop' | 'restart'; row: InstanceRow }> | null>(null);
  const [bulkId, setBulkId] = useState<string | null>(null);
  const [hidden, setHidden] = useState(() => hiddenColumns(localStorage));
  const columns = useMemo(() => COLUMNS.filter((column) => !hidden.includes(column)), [hidden]);
  const factsOf = useInstanceFacts();
  const setFilter = useCallback(
    (next: string) => void navigate({ search: changeSearch('filter', next), replace: true }),
    [navigate],
  );
  const select = useCallback(
    (id: string | undefined) => void navigate({ search: changeSearch('selected', id), replace: true }),
    [navigate],
  );
  const run = usePower();
  const power = useCallback(
    (action: RowPower, row: InstanceRow) => {
      if (action === 'stop' || action === 'restart') setAsked({ action, row });
      else run(action, row);
    },
    [run],
  );
  const hide = (column: Column) => {
    const next = hidden.includes(column) ? hidden.filter((each) => each !== column) : [...hidden, column];
    setHidden(next);
    keepHiddenColumns(localStorage, next);
  };
  // What was chosen and is out of sight by the filter is not acted on.
  const chosenRows = useMemo(
    () => (chosen.size === 0 ? [] : rows.filter((row) => chosen.has(row.id))),
    [rows, chosen],
  );
  const mayCreate = permittedSomewhere(access, 'instances:write');
  return (
    <>
      <PageHeader
        title={t.shell.instances}
        beside={
          <Text c="dimmed" role="status">
            {rows.length === total ? numberText(total) : t.instances.ofTotal(rows.length, total)}
          </Text>
        }
      >
        <ColumnMenu hidden={hidden} toggle={hide} />
        {mayCreate && (
          <ButtonLink to="/instances/new" leftSection={<IconPlus size={16} />}>
            {t.create.title}
          </ButtonLink>
        )}
      </PageHeader>
      <FilterBar
        filter={filter}
        change={setFilter}
        error={error}
        placeholder={t.instances.filter}
        offers={OFFERS}
      />
      {(chosenRows.length > 0 || bulkId !== null) && (
        <BulkBar
          rows={chosenRows}
          factsOf={factsOf}
          operationId={bulkId}
          started={setBulkId}
          clear={() => {
            setChosen(NONE);
            setBulkId(null);
          }}
        />
      )}
      <Read query={query}>
        {(page) =>
          rows.length > 0 ? (
            <InstanceTable
              rows={rows}
              hosts={page.hosts}
              columns={columns}
              sort={sort}
              setSort={(next) => void navigate({ search: changeSearch('sort', next), replace: true })}
              chosen={chosen}
              choose={setChosen}
              selected={selected}
              select={select}
              factsOf={factsOf}
              power={power}
            />
          ) : filter === '' ? (
            <Empty title={t.instances.none} text={t.instances.noneText}>
              {mayCreate && <ButtonLink to="/instances/new">{t.create.title}</ButtonLink>}
            </Empty>
          ) : (
            <Empty title={t.filter.nothing} text={t.filter.nothingText(filter)}>
              <Button variant="default" onClick={() => setFilter('')}>
                {t.filter.clear}
              </Button>
            </Empty>
          )
        }
      </Read>
      {asked !== null && (
        <PowerDialog
          action={asked.action}
          name={asked.row.name}
          close={() => setAsked(null)}
          run={(force) => run(asked.action, asked.row, force)}
        />
      )}
      {selected !== undefined && <InstancePanel id={selected} close={() => select(undefined)} />}
    </>
  );
}

function ColumnMenu({
  hidden,
  toggle,
}: Readonly<{ hidden: readonly Column[]; toggle: (column: Column) => void }>) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} />}>
          {t.instances.columnsButton}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.filter((column) => column !== 'name').map((column) => (
          <Menu.Item
            key={column}
            role="menuitemcheckbox"
            aria-checked={!hidden.includes(column)}
            onClick={() => toggle(column)}
          >
            <Group gap="xs">
              <Checkbox.Indicator size="xs" checked={!hidden.includes(column)} />
              {t.instances.columns[column]}
            </Group>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
