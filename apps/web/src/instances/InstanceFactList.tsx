import type { Instance } from '@longshore/contract';
import { Age } from '../parts/Age.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Labels } from '../parts/Labels.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { t } from '../texts/texts.ts';

/** What an instance is, as last observed. */
export function InstanceFactList({ instance }: Readonly<{ instance: Instance }>) {
  const { host } = instance;
  const global = instance.addresses
    .filter((address) => address.scope === 'global')
    .map((address) => address.address);
  const isOld = host.status !== 'online';
  return (
    <Facts
      facts={[
        [
          t.instances.columns.host,
          <LinkTo key="host" to="/hosts/$id" params={{ id: host.id }}>
            {host.name}
          </LinkTo>,
        ],
        ...(instance.placementReason === null
          ? []
          : ([[t.instances.placed, instance.placementReason]] as const)),
        [t.instances.columns.type, t.types[instance.type]],
        [t.instances.columns.addresses, global.join(', ')],
        [t.instances.columns.image, instance.image ?? ''],
        [
          t.instances.columns.limits,
          [instance.cpu === null ? '' : t.instances.cpus(instance.cpu), instance.memory ?? '']
            .filter(Boolean)
            .join(', '),
        ],
        [
          t.instances.columns.labels,
          Object.keys(instance.labels).length === 0 ? '' : <Labels key="labels" labels={instance.labels} />,
        ],
        [t.instances.columns.lxdproject, instance.lxdProject],
        [t.instances.profiles, instance.profiles.join(', ')],
        [t.instances.description, instance.description],
        [t.instances.protection, instance.protected ? t.yes : t.no],
        [t.instances.columns.created, <Age key="created" of={instance.createdAt} />],
        [
          t.instances.columns.observed,
          isOld ? <Age key="observed" of={instance.observedAt} old /> : t.age.live,
        ],
      ]}
    />
  );
}
