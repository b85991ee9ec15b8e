import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
import { Empty } from '../../parts/QueryStates.tsx';
import type { InstanceTabProps } from '../../registry/room.ts';
import { t } from '../../texts/texts.ts';

/** The addresses that the guest has, as its host reports them. */
export function NetworkTab({ instance }: InstanceTabProps) {
  if (instance.addresses.length === 0) return <Empty title={t.network.none} text={t.network.noneText} />;
  return (
    <PlainTable
      label={t.instances.columns.addresses}
      heads={[t.network.device, t.network.address, t.network.family, t.network.scope]}
      minWidth={420}
    >
      {instance.addresses.map(({ device, address, family, scope }) => (
        <PlainRow
          key={`${device} ${address}`}
          cells={[
            ['device', device],
            ['address', address],
            ['family', t.network.families[family]],
            ['scope', t.network.scopes[scope]],
          ]}
        />
      ))}
    </PlainTable>
  );
}
