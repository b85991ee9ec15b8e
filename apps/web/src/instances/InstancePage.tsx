import type { Instance } from '@longshore/contract';
import { Alert, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { instanceQuery } from '../live/fleet-queries.ts';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ageText } from '../parts/age-text.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { ResourceTabs } from '../parts/ResourceTabs.tsx';
import { StatusBadge } from '../parts/StatusBadge.tsx';
import { useNow } from '../parts/use-now.ts';
import { whyNotInstance } from '../permissions/why-not.ts';
import type { InstanceTabProps } from '../registry/room.ts';
import { registry } from '../registry/rooms.ts';
import { useDeclareSelection } from '../registry/selection.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { EntryMenu } from './EntryMenu.tsx';
import { PowerButtons } from './PowerButtons.tsx';
import { useInstanceFacts } from './use-instance-facts.ts';

const route = getRouteApi('/instances/$id');

/** One instance: all that is known of it, and all that can be done with it. */
export function InstancePage() {
  const { id } = route.useParams();
  const query = useQuery(instanceQuery(id));
  return <Read query={query}>{({ value, etag }) => <Loaded instance={value} etag={etag} />}</Read>;
}

function Loaded({ instance, etag }: Readonly<{ instance: Instance; etag: string | null }>) {
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/instances/$id' });
  const tabs = registry.instanceTabs.filter((each) => each.shows?.(instance) ?? true);
  const factsOf = useInstanceFacts();
  const facts = useMemo(() => factsOf({ ...instance, hostId: instance.host.id }), [factsOf, instance]);
  const { id: instanceId, name } = instance;
  useDeclareSelection(
    useMemo(() => ({ kind: 'one', instance: { id: instanceId, name }, facts }), [instanceId, name, facts]),
  );
  return (
    <>
      <PageHeader
        title={instance.name}
        beside={
          <>
            <StatusBadge status={instance.status} />
            {instance.operationId !== null && (
              <Loader size={16} role="img" aria-label={t.instances.changing} />
            )}
          </>
        }
      >
        <PowerButtons instance={instance} facts={facts} />
        <EntryMenu instance={instance} facts={facts} />
      </PageHeader>
      <Notices instance={instance} etag={etag} facts={facts} />
      <ResourceTabs
        open={tab}
        change={(id) => void navigate({ search: { tab: id }, replace: true })}
        tabs={tabs.map(({ id, label, Content }) => ({
          id,
          label,
          content: () => <Content instance={instance} etag={etag} facts={facts} />,
        }))}
      />
    </>
  );
}

function Notices({ instance, etag, facts }: InstanceTabProps) {
  const now = useNow();
  const { ask, asking } = useChange();
  const { host } = instance;
  const claim = () =>
    void ask(t.instances.claim, () =>
      client.call('updateInstance', {
        params: { id: instance.id },
        body: { claimed: true },
        ifMatch: etag ?? '',
      }),
    );
  return (
    <>
      {host.status !== 'online' && (
        <Alert
          color="orange"
          variant="outline"
          mb="md"
          title={t.instances.hostIs(host.name, t.status[host.status])}
        >
          {t.instances.lastSeen(ageText(instance.observedAt, now))}
        </Alert>
      )}
      {instance.status === 'missing' && (
        <Alert color="red" variant="outline" mb="md" title={t.instances.missing}>
          {t.instances.missingText(host.name)}
        </Alert>
      )}
      {!instance.claimed && (
        <Alert color="blue" variant="outline" mb="md" title={t.instances.unclaimed}>
          <Text size="sm" mb="xs">
            {t.instances.unclaimedHint}
          </Text>
          <ActionButton
            label={t.instances.claim}
            reason={whyNotInstance('claim', facts)}
            loading={asking}
            run={claim}
          />
        </Alert>
      )}
    </>
  );
}
