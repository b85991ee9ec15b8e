import { InstanceName } from '@longshore/contract';
import { Card, Checkbox, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { labelsOfTags } from '../../parts/label-tags.ts';
import { PlacementInput } from '../../parts/PlacementInput.tsx';
import { NO_PLACEMENT, type PlacementChoice, placementOf } from '../../parts/placement-choice.ts';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';

/** What changes the identity or the place of an instance: rename, move, copy, delete. */
export function DangerTab(props: InstanceTabProps) {
  return (
    <Stack maw={760}>
      <Rename {...props} />
      <Move {...props} />
      <Copy {...props} />
      <Delete {...props} />
    </Stack>
  );
}

function Section({ title, text, children }: Readonly<{ title: string; text: string; children: ReactNode }>) {
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {text}
      </Text>
      <Stack gap="sm">{children}</Stack>
    </Card>
  );
}

function nameFault(name: string): string | null {
  return name === '' ? null : (InstanceName.safeParse(name).error?.issues[0]?.message ?? null);
}

function Rename({ instance, facts }: InstanceTabProps) {
  const { ask, asking } = useChange();
  const [name, setName] = useState('');
  const fault = nameFault(name);
  const reason = whyNotInstance('rename', facts) ?? fault ?? (name === '' ? t.rename.needsName : null);
  return (
    <Section title={t.rename.title} text={t.rename.text}>
      <Group align="end">
        <TextInput
          label={t.rename.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fault}
        />
        <ActionButton
          label={t.rename.title}
          reason={reason}
          loading={asking}
          run={() =>
            void ask(t.rename.doing(instance.name, name), () =>
              client.call('renameInstance', { params: { id: instance.id }, body: { name } }),
            )
          }
        />
      </Group>
    </Section>
  );
}

function Move({ instance, facts }: InstanceTabProps) {
  const { ask, asking } = useChange();
  const [choice, setChoice] = useState<PlacementChoice>(NO_PLACEMENT);
  const [force, setForce] = useState(false);
  const [asked, setAsked] = useState(false);
  const move = () =>
    void ask(t.move.doing(instance.name), () =>
      client.call('moveInstance', {
        params: { id: instance.id },
        body: { placement: placementOf(choice), force },
      }),
    );
  return (
    <Section title={t.move.title} text={t.move.text}>
      <PlacementInput choice={choice} change={setChoice} except={instance.host.name} />
      <Checkbox
        label={t.power.force}
        checked={force}
        onChange={(event) => setForce(event.currentTarget.checked)}
      />
      <Group>
        <ActionButton
          label={t.move.title}
          reason={whyNotInstance('move', facts) ?? labelsOfTags(choice.tags).error}
          loading={asking}
          run={() => setAsked(true)}
        />
      </Group>
      {asked && (
        <ConfirmDialog
          title={t.move.ask(instance.name)}
          text={t.move.askText}
          confirm={t.move.title}
          danger={false}
          close={() => setAsked(false)}
          run={move}
        />
      )}
    </Section>
  );
}

function Copy({ instance, facts }: InstanceTabProps) {
  const navigate = useNavigate();
  const { ask, asking } = useChange();
  const [name, setName] = useState('');
  const [choice, setChoice] = useState<PlacementChoice>(NO_PLACEMENT);
  const [start, setStart] = useState(false);
  const fault = nameFault(name);
  const reason = whyNotInstance('copy', facts) ?? fault ?? (name === '' ? t.rename.needsName : null);
  const copy = () =>
    void ask(t.copying.doing(instance.name, name), async () => {
      const reply = await client.call('copyInstance', {
        params: { id: instance.id },
        body: { name, placement: placementOf(choice), start },
      });
      await navigate({ to: '/instances/$id', params: { id: reply.value.instanceId } });
      return reply;
    });
  return (
    <Section title={t.copying.title} text={t.copying.text}>
      <TextInput
        label={t.copying.name}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fault}
      />
      <PlacementInput choice={choice} change={setChoice} />
      <Checkbox
        label={t.create.start}
        checked={start}
        onChange={(event) => setStart(event.currentTarget.checked)}
      />
      <Group>
        <ActionButton label={t.copying.title} reason={reason} loading={asking} run={copy} />
      </Group>
    </Section>
  );
}

function Delete({ instance, facts }: InstanceTabProps) {
  const navigate = useNavigate();
  const { ask, asking } = useChange();
  const [asked, setAsked] = useState(false);
  const [force, setForce] = useState(false);
  const isMissing = instance.status === 'missing';
  const title = isMissing ? t.remove.forget(instance.name) : t.remove.title(instance.name);
  const remove = async () => {
    const query = force ? { force: 'true' } : {};
    if (await ask(title, () => client.call('deleteInstance', { params: { id: instance.id }, query })))
      await navigate({ to: '/instances' });
  };
  return (
    <Section title={t.remove.section} text={isMissing ? t.remove.forgetText : t.remove.text}>
      <Group>
        <ActionButton
          label={title}
          color="red"
          variant="outline"
          reason={whyNotInstance('delete', facts)}
          loading={asking}
          run={() => setAsked(true)}
        />
      </Group>
      {asked && (
        <ConfirmDialog
          title={title}
          text={isMissing ? t.remove.forgetText : t.remove.text}
          confirm={t.remove.confirm}
          typed={instance.name}
          close={() => setAsked(false)}
          run={() => void remove()}
        >
          {!isMissing && instance.status !== 'stopped' && (
            <Checkbox
              label={t.remove.force}
              checked={force}
              onChange={(event) => setForce(event.currentTarget.checked)}
            />
          )}
        </ConfirmDialog>
      )}
    </Section>
  );
}
