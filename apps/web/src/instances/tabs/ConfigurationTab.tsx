import type { InstanceConfiguration, LongshoreError } from '@longshore/contract';
import {
  ActionIcon,
  Button,
  Group,
  SegmentedControl,
  Stack,
  Table,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { Problem } from '../../parts/QueryStates.tsx';
import { YamlInput } from '../../parts/YamlInput.tsx';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';
import { configurationChange, type Editable, editableOf } from './configuration-change.ts';
import { readEditable, toYaml } from './editable-yaml.ts';

/** The configuration as a form or as YAML; both edit the same draft, and only what differs is sent. */
export function ConfigurationTab({ instance, facts }: InstanceTabProps) {
  const { ask, asking } = useChange();
  const [before, setBefore] = useState(() => editableOf(instance));
  const [draft, setDraft] = useState<Editable>(before);
  const [yaml, setYaml] = useState<string | null>(null);
  const [problem, setProblem] = useState<LongshoreError | null>(null);
  const read = yaml === null ? { value: draft, error: null } : readEditable(yaml);
  const change = read.value === null ? null : configurationChange(before, read.value);
  const current = editableOf(instance);
  const isOutdated = configurationChange(before, current) !== null;
  const reset = () => {
    setBefore(current);
    setDraft(current);
    if (yaml !== null) setYaml(toYaml(current));
  };
  const show = (as: string) => {
    if (as === 'yaml') setYaml(toYaml(draft));
    else if (read.value !== null) {
      setDraft(read.value);
      setYaml(null);
    }
  };
  const save = async (body: InstanceConfiguration) => {
    setProblem(null);
    const saved = read.value ?? draft;
    if (
      await ask(
        t.configuration.title(instance.name),
        () => client.call('configureInstance', { params: { id: instance.id }, body }),
        setProblem,
      )
    )
      setBefore(saved);
  };
  const denied = whyNotInstance('configure', facts);
  return (
    <Stack maw={900}>
      <Group justify="space-between">
        <SegmentedControl
          aria-label={t.configuration.view}
          value={yaml === null ? 'form' : 'yaml'}
          onChange={show}
          disabled={read.value === null}
          data={[
            { value: 'form', label: t.configuration.form },
            { value: 'yaml', label: 'YAML' },
          ]}
        />
        {isOutdated && change === null && (
          <Button variant="default" onClick={reset}>
            {t.configuration.reload}
          </Button>
        )}
      </Group>
      {yaml === null ? (
        <Form draft={draft} change={setDraft} />
      ) : (
        <YamlInput
          label={t.configuration.yaml}
          value={yaml}
          change={setYaml}
          error={read.error}
          minRows={16}
        />
      )}
      {problem !== null && <Problem error={problem} />}
      <Group>
        <ActionButton
          label={t.configuration.save}
          variant="filled"
          reason={denied ?? read.error ?? (change === null ? t.configuration.unchanged : null)}
          loading={asking}
          run={() => change !== null && void save(change)}
        />
        <Button variant="default" onClick={reset} disabled={change === null}>
          {t.configuration.discard}
        </Button>
      </Group>
    </Stack>
  );
}

function Form({ draft, change }: Readonly<{ draft: Editable; change: (draft: Editable) => void }>) {
  const [key, setKey] = useState('');
  const set = (name: string, value: string) =>
    change({ ...draft, config: { ...draft.config, [name]: value } });
  const remove = (name: string) => {
    const { [name]: _, ...config } = draft.config;
    change({ ...draft, config });
  };
  const add = () => {
    if (key.trim() === '') return;
    set(key.trim(), '');
    setKey('');
  };
  return (
    <Stack>
      <TextInput
        label={t.instances.description}
        value={draft.description}
        onChange={(event) => change({ ...draft, description: event.currentTarget.value })}
      />
      <TagsInput
        label={t.instances.profiles}
        value={[...draft.profiles]}
        onChange={(profiles) => change({ ...draft, profiles })}
      />
      <Table.ScrollContainer minWidth={420}>
        <Table layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="45%">{t.configuration.key}</Table.Th>
              <Table.Th>{t.configuration.value}</Table.Th>
              <Table.Th w={50} aria-label={t.instances.actions} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(draft.config).map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{name}</Table.Td>
                <Table.Td>
                  {value.includes('\n') ? (
                    <Text size="sm">{t.configuration.manyLines(value.split('\n').length)}</Text>
                  ) : (
                    <TextInput
                      size="xs"
                      aria-label={name}
                      value={value}
                      onChange={(event) => set(name, event.currentTarget.value)}
                    />
                  )}
                </Table.Td>
                <Table.Td>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t.configuration.remove(name)}
                    onClick={() => remove(name)}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group align="end">
        <TextInput
          label={t.configuration.newKey}
          placeholder="limits.memory"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
        <Button variant="default" onClick={add} disabled={key.trim() === ''}>
          {t.configuration.add}
        </Button>
      </Group>
    </Stack>
  );
}
