import { useQuery } from '@tanstack/react-query';
import { instancesQuery } from '../live/fleet-queries.ts';
import { LinkTo } from '../parts/LinkTo.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import type { HostTabProps } from '../registry/room.ts';
import { t } from '../texts/texts.ts';

/** A host may run a thousand; the table of instances is the place to scroll through them. */
const SHOWN = 100;

/** The instances of one host in short. */
export function HostInstances({ host }: HostTabProps) {
  const filter = `host:${host.name}`;
  const query = useQuery(instancesQuery(filter));
  return (
    <Read query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t.instances.none} text={t.hosts.noInstances} />
        ) : (
          <>
            <LinkTo to="/instances" search={{ filter }}>
              {t.hosts.inTable(items.length)}
            </LinkTo>
            <PlainTable
              label={t.shell.instances}
              heads={[t.instances.columns.name, t.instances.columns.status, t.instances.columns.addresses]}
              minWidth={480}
            >
              {items.slice(0, SHOWN).map((instance) => (
                <PlainRow
                  key={instance.id}
                  cells={[
                    [
                      'name',
                      <LinkTo key="name" to="/instances/$id" params={{ id: instance.id }}>
                        {instance.name}
                      </LinkTo>,
                    ],
                    ['status', <StatusBadge key="status" status={instance.status} />],
                    ['addresses', instance.addresses.join(', ')],
                  ]}
                />
              ))}
            </PlainTable>
          </>
        )
      }
    </Read>
  );
}
