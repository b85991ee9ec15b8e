import { type AuditEntry, LongshoreError } from '@longshore/contract';
import { Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { FilterBar } from '../parts/FilterBar.tsx';
import { filterErrorOf } from '../parts/filter-error.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { ShowMore } from '../parts/ShowMore.tsx';
import { saveDownload } from '../parts/save-download.ts';
import { toastFailure } from '../parts/toasts.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { useSession } from '../session/session.ts';
import { momentText, t } from '../texts/texts.ts';
import { AuditDrawer } from './AuditDrawer.tsx';
import { AuditResult } from './AuditResult.tsx';
import { type AuditChoice, auditSearch } from './audit-choice.ts';
import { auditQuery, exportAudit } from './audit-queries.ts';
import { whoText } from './who-text.ts';

const route = getRouteApi('/audit');
const OFFERS = [
  { label: t.audit.ok, term: 'result:ok' },
  { label: t.audit.refused, term: 'result:refused' },
  { label: t.audit.foreign, term: 'action:foreign-change' },
];

/** Who did what to what, from where, and with what result; the newest first. */
export function AuditPage() {
  const { selected, ...choice } = route.useSearch();
  const { filter = '', from, until } = choice;
  const navigate = useNavigate({ from: '/audit' });
  const { permissions } = useSession();
  const [isExporting, setExporting] = useState(false);
  const query = useInfiniteQuery({ ...auditQuery(choice), placeholderData: keepPreviousData });
  const error = filterErrorOf(query.error);
  const change = (part: AuditChoice & { selected?: string | undefined }) =>
    void navigate({ search: auditSearch({ selected, ...choice, ...part }), replace: true });
  const save = async () => {
    setExporting(true);
    try {
      await saveDownload(await exportAudit(choice), 'longshore-audit.ndjson');
    } catch (cause) {
      if (!(cause instanceof LongshoreError)) throw cause;
      toastFailure(t.audit.export, cause);
    } finally {
      setExporting(false);
    }
  };
  return (
    <>
      <PageHeader title={t.shell.audit}>
        <ActionButton
          label={t.audit.export}
          icon={<IconDownload size={16} />}
          loading={isExporting}
          reason={whyNotPermitted('audit:read', permissions)}
          run={() => void save()}
        />
      </PageHeader>
      <FilterBar
        filter={filter}
        error={error}
        placeholder={t.audit.filter}
        offers={OFFERS}
        change={(next) => change({ filter: next })}
      >
        <TextInput
          type="date"
          aria-label={t.audit.from}
          title={t.audit.from}
          value={from ?? ''}
          onChange={(event) => change({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          aria-label={t.audit.until}
          title={t.audit.until}
          value={until ?? ''}
          onChange={(event) => change({ until: event.currentTarget.value })}
        />
      </FilterBar>
      {error === null && (
        <Read query={query}>
          {({ pages }) => {
            const entries = pages.flatMap(({ items }) => items);
            if (entries.length === 0) {
              const chosen = [filter, from, until].filter((part) => part !== undefined && part !== '');
              return chosen.length === 0 ? (
                <Empty title={t.audit.none} text={t.audit.noneText} />
              ) : (
                <Empty title={t.filter.nothing} text={t.filter.nothingText(chosen.join(' '))} />
              );
            }
            return (
              <>
                <PlainTable
                  label={t.shell.audit}
                  minWidth={860}
                  heads={[
                    t.audit.at,
                    t.audit.who,
                    t.audit.action,
                    t.audit.target,
                    t.audit.result,
                    t.profile.from,
                  ]}
                >
                  {entries.map((entry) => (
                    <Row key={entry.id} entry={entry} show={() => change({ selected: entry.id })} />
                  ))}
                </PlainTable>
                <AuditDrawer
                  entry={entries.find(({ id }) => id === selected)}
                  close={() => change({ selected: undefined })}
                />
              </>
            );
          }}
        </Read>
      )}
      <ShowMore query={query} />
    </>
  );
}

function Row({ entry, show }: Readonly<{ entry: AuditEntry; show: () => void }>) {
  return (
    <PlainRow
      cells={[
        [
          'at',
          <UnstyledButton key="at" fz="sm" c="var(--mantine-color-anchor)" onClick={show}>
            {momentText(entry.at)}
          </UnstyledButton>,
        ],
        ['who', whoText(entry)],
        ['action', entry.action],
        ['target', <Target key="target" entry={entry} />],
        ['result', <AuditResult key="result" entry={entry} />],
        ['from', entry.address],
      ]}
    />
  );
}

function Target({ entry: { target } }: Readonly<{ entry: AuditEntry }>) {
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {target.name === '' ? target.id : target.name}{' '}
      <Text span size="xs" c="dimmed">
        {target.kind}
      </Text>
    </Text>
  );
}
