import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { AuditResult } from '../audit/AuditResult.tsx';
import { auditQuery } from '../audit/audit-queries.ts';
import { whoText } from '../audit/who-text.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { ShowMore } from '../parts/ShowMore.tsx';
import type { HostTabProps } from '../registry/room.ts';
import { momentText, t } from '../texts/texts.ts';

/** What was done to a host and on it: through Longshore, and past it on the host itself. */
export function HostEvents({ host }: HostTabProps) {
  const filter = `host:${host.id}`;
  const query = useInfiniteQuery(auditQuery({ filter }));
  return (
    <>
      <Read query={query}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) return <Empty title={t.audit.none} text={t.hosts.noEvents} />;
          return (
            <PlainTable
              label={t.hosts.tabs.events}
              heads={[t.audit.at, t.audit.who, t.audit.action, t.audit.target, t.audit.result]}
            >
              {entries.map((entry) => (
                <PlainRow
                  key={entry.id}
                  cells={[
                    ['at', momentText(entry.at)],
                    ['who', whoText(entry)],
                    [
                      'action',
                      <LinkTo key="action" to="/audit" search={{ filter, selected: entry.id }}>
                        {entry.action}
                      </LinkTo>,
                    ],
                    [
                      'target',
                      <Text key="target" size="sm" style={{ overflowWrap: 'anywhere' }}>
                        {entry.target.name === '' ? entry.target.id : entry.target.name}
                      </Text>,
                    ],
                    ['result', <AuditResult key="result" entry={entry} />],
                  ]}
                />
              ))}
            </PlainTable>
          );
        }}
      </Read>
      <ShowMore query={query} />
    </>
  );
}
