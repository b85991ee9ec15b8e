import type { ConsoleSession, ConsoleType } from '@longshore/contract';
import { Button, Card, Group, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import type { InstanceTabProps } from '../registry/room.ts';
import { t } from '../texts/texts.ts';
import type { ConsoleChoice } from './console-choice.ts';
import { instanceConsolesQuery } from './console-queries.ts';
import { SessionTable } from './SessionTable.tsx';
import { TerminalView } from './TerminalView.tsx';

/** The consoles of one instance: opening one, and who is connected. */
export function ConsoleTab({ instance, facts }: InstanceTabProps) {
  const { id, name } = instance;
  const [choice, setChoice] = useState<ConsoleChoice | null>(null);
  // What was chosen stays chosen when the terminal is left.
  const [form, setForm] = useState<Form>({ type: 'shell', user: '', shell: '' });
  const query = useQuery(instanceConsolesQuery(id));
  const reason =
    whyNotPermitted('consoles:open', facts.permissions) ??
    (instance.status === 'running' ? null : t.consoles.mustRun);
  return (
    <Stack>
      {choice === null ? (
        <Chooser
          instanceId={id}
          sessions={query.data ?? []}
          reason={reason}
          open={setChoice}
          form={form}
          setForm={setForm}
        />
      ) : (
        <TerminalView
          key={JSON.stringify(choice)}
          instanceId={id}
          name={name}
          choice={choice}
          height="min(65vh, 640px)"
          leave={() => setChoice(null)}
        />
      )}
      <Card withBorder>
        <Title order={2} size="h5" mb="sm">
          {t.consoles.connected}
        </Title>
        <Read query={query}>
          {(sessions) => (
            <SessionTable
              sessions={sessions}
              wide={false}
              whyNotEnd={() => whyNotPermitted('consoles:end', facts.permissions)}
            />
          )}
        </Read>
      </Card>
    </Stack>
  );
}

type Form = Readonly<{ type: ConsoleType; user: string; shell: string }>;

type ChooserProps = Readonly<{
  form: Form;
  setForm: (form: Form) => void;
  instanceId: string;
  sessions: readonly ConsoleSession[];
  /** Why none can be opened; null when one can. */
  reason: string | null;
  open: (choice: ConsoleChoice) => void;
}>;

function Chooser({ instanceId, sessions, reason, open, form, setForm }: ChooserProps) {
  const { type, user, shell } = form;
  const [takeOver, setTakeOver] = useState<ConsoleSession | null>(null);
  const choice: ConsoleChoice =
    type === 'console'
      ? { type }
      : { type, ...(user === '' ? {} : { user }), ...(shell === '' ? {} : { shell }) };
  const others = sessions.filter((each) => each.type === type && each.access === 'write');
  const [oldest] = others.toReversed();
  const occupied = type === 'console' && oldest !== undefined;
  const search = new URLSearchParams(choice).toString();
  return (
    <Card withBorder>
      <Stack align="start" gap="sm">
        <SegmentedControl
          aria-label={t.consoles.type}
          value={type}
          onChange={(value) => setForm({ ...form, type: value === 'console' ? 'console' : 'shell' })}
          data={[
            { value: 'shell', label: t.consoles.types.shell },
            { value: 'console', label: t.consoles.types.console },
          ]}
        />
        <Text size="sm">{reason ?? t.consoles.typeHint[type]}</Text>
        {type === 'shell' && (
          <Group align="start">
            <TextInput
              label={t.consoles.user}
              placeholder="root"
              value={user}
              onChange={(event) => setForm({ ...form, user: event.currentTarget.value.trim() })}
              autoComplete="off"
            />
            <TextInput
              label={t.consoles.shell}
              placeholder="/bin/bash"
              title={t.consoles.shellHint}
              value={shell}
              onChange={(event) => setForm({ ...form, shell: event.currentTarget.value.trim() })}
              autoComplete="off"
            />
          </Group>
        )}
        {occupied && (
          <Text size="sm">{t.consoles.occupied(others.map((each) => each.who.name).join(', '))}</Text>
        )}
        <Group gap="sm">
          {!occupied && (
            <>
              <Button disabled={reason !== null} onClick={() => open(choice)}>
                {t.consoles.open}
              </Button>
              {reason === null && (
                <Button
                  variant="default"
                  component="a"
                  href={`/ui/consoles/${instanceId}?${search}`}
                  target="_blank"
                  rel="noopener"
                >
                  {t.consoles.ownTab}
                </Button>
              )}
            </>
          )}
          {oldest !== undefined && reason === null && (
            <>
              <Button
                variant="default"
                onClick={() => open({ ...choice, mode: 'view', sessionId: oldest.id })}
              >
                {t.consoles.view}
              </Button>
              {occupied && (
                <Button variant="default" color="red" onClick={() => setTakeOver(oldest)}>
                  {t.consoles.takeOver}
                </Button>
              )}
            </>
          )}
        </Group>
      </Stack>
      {takeOver !== null && (
        <ConfirmDialog
          title={t.consoles.takeOverTitle(takeOver.who.name)}
          text={t.consoles.takeOverText}
          confirm={t.consoles.takeOver}
          close={() => setTakeOver(null)}
          run={() => open({ ...choice, mode: 'takeover', sessionId: takeOver.id })}
        />
      )}
    </Card>
  );
}
