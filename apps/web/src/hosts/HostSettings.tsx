import type { HostPatch, LongshoreError } from '@longshore/contract';
import { Button, Card, Checkbox, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { fieldErrors } from '../parts/field-errors.ts';
import { LabelsInput } from '../parts/LabelsInput.tsx';
import { labelsOfTags, tagsOfLabels } from '../parts/label-tags.ts';
import { toastSuccess } from '../parts/toasts.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import type { HostTabProps } from '../registry/room.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

/** Name and labels of a host, and the way out of the fleet. Anew when the host was changed. */
export function HostSettings({ host, etag }: HostTabProps) {
  return <Settings key={host.revision} host={host} etag={etag} />;
}

function Settings({ host, etag }: HostTabProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { permissions } = useSession();
  const denied = whyNotPermitted('hosts:write', permissions);
  const { ask, asking } = useChange();
  const [name, setName] = useState(host.name);
  const [tags, setTags] = useState<readonly string[]>(tagsOfLabels(host.labels));
  const [error, setError] = useState<LongshoreError | null>(null);
  const [removing, setRemoving] = useState(false);
  const [force, setForce] = useState(false);
  const errors = fieldErrors(error);
  const { labels, error: labelError } = labelsOfTags(tags);
  const save = async () => {
    setError(null);
    const body: HostPatch = name === host.name ? { labels } : { name, labels };
    const params = { id: host.id };
    if (
      await ask(
        t.hosts.save,
        () => client.call('updateHost', { params, body, ifMatch: etag ?? '' }),
        setError,
      )
    ) {
      toastSuccess(host.name, t.saved);
      await queries.invalidateQueries({ queryKey: ['host', host.id] });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const remove = async () => {
    const query = force ? { force: 'true' } : {};
    if (
      await ask(t.hosts.remove(host.name), () =>
        client.call('removeHost', { params: { id: host.id }, query }),
      )
    )
      await navigate({ to: '/hosts' });
  };
  return (
    <Stack maw={640}>
      <Card withBorder>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t.hosts.name}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={errors.at('name')}
            />
            <LabelsInput label={t.labels.title} tags={tags} change={setTags} error={errors.at('labels')} />
            {errors.rest !== null && (
              <Text c="red" size="sm" role="alert">
                {errors.rest}
              </Text>
            )}
            <Group>
              <Button type="submit" loading={asking} disabled={denied !== null || labelError !== null}>
                {t.hosts.save}
              </Button>
              {denied !== null && <Text size="sm">{denied}</Text>}
            </Group>
          </Stack>
        </form>
      </Card>
      <Card withBorder>
        <Title order={2} size="h5" mb="xs">
          {t.danger}
        </Title>
        <Text size="sm" mb="sm">
          {t.hosts.removeText}
        </Text>
        <ActionButton
          label={t.hosts.remove(host.name)}
          reason={denied}
          color="red"
          variant="outline"
          run={() => setRemoving(true)}
        />
      </Card>
      {removing && (
        <ConfirmDialog
          title={t.hosts.remove(host.name)}
          text={t.hosts.removeText}
          confirm={t.hosts.removeNow}
          typed={host.name}
          close={() => setRemoving(false)}
          run={() => void remove()}
        >
          <Checkbox
            label={t.hosts.removeForce}
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
          />
        </ConfirmDialog>
      )}
    </Stack>
  );
}
