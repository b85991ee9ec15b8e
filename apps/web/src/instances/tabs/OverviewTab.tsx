import type { InstancePatch, LongshoreError } from '@longshore/contract';
import { Button, Card, Group, SimpleGrid, Stack, Switch, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { fieldErrors } from '../../parts/field-errors.ts';
import { LabelsInput } from '../../parts/LabelsInput.tsx';
import { labelsOfTags, tagsOfLabels } from '../../parts/label-tags.ts';
import { toastSuccess } from '../../parts/toasts.ts';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';
import { InstanceFactList } from '../InstanceFactList.tsx';
import { UsePlots } from '../UsePlots.tsx';

/** The facts, and what Longshore itself keeps about an instance: labels and protection. */
export function OverviewTab({ instance, etag, facts }: InstanceTabProps) {
  return (
    <Stack>
      <UsePlots instance={instance} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <Title order={2} size="h5" mb="sm">
            {t.instances.about}
          </Title>
          <InstanceFactList instance={instance} />
        </Card>
        <Own key={instance.revision} instance={instance} etag={etag} facts={facts} />
      </SimpleGrid>
    </Stack>
  );
}

function Own({ instance, etag, facts }: InstanceTabProps) {
  const queries = useQueryClient();
  const { ask, asking } = useChange();
  const [tags, setTags] = useState<readonly string[]>(tagsOfLabels(instance.labels));
  const [error, setError] = useState<LongshoreError | null>(null);
  const denied = whyNotInstance('edit', facts);
  const errors = fieldErrors(error);
  const { labels, error: labelError } = labelsOfTags(tags);
  const change = async (body: InstancePatch) => {
    setError(null);
    const params = { id: instance.id };
    if (
      await ask(
        t.instances.change,
        () => client.call('updateInstance', { params, body, ifMatch: etag ?? '' }),
        setError,
      )
    ) {
      toastSuccess(instance.name, t.saved);
      await queries.invalidateQueries({ queryKey: ['instance', instance.id] });
    }
  };
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="sm">
        {t.instances.own}
      </Title>
      <Stack align="stretch">
        <LabelsInput label={t.labels.title} tags={tags} change={setTags} error={errors.at('labels')} />
        <Group>
          <Button
            variant="default"
            loading={asking}
            disabled={denied !== null || labelError !== null}
            onClick={() => void change({ labels })}
          >
            {t.labels.save}
          </Button>
        </Group>
        <Switch
          label={t.instances.protect}
          description={t.instances.protectHint}
          checked={instance.protected}
          disabled={denied !== null}
          onChange={(event) => void change({ protected: event.currentTarget.checked })}
        />
        {(denied ?? errors.rest) !== null && (
          <Text size="sm" role="alert">
            {denied ?? errors.rest}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
