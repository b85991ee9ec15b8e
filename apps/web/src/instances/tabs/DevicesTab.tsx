import type { InstanceConfiguration, LongshoreError } from '@longshore/contract';
import { Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { Problem } from '../../parts/QueryStates.tsx';
import { YamlInput } from '../../parts/YamlInput.tsx';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';
import { devicesChange } from './configuration-change.ts';
import { readDevices, toYaml } from './editable-yaml.ts';

/** The devices of an instance itself; those of its profiles are on the host. */
export function DevicesTab({ instance, facts }: InstanceTabProps) {
  const { ask, asking } = useChange();
  const [yaml, setYaml] = useState<string | null>(null);
  const [problem, setProblem] = useState<LongshoreError | null>(null);
  const denied = whyNotInstance('configure', facts);
  const read = readDevices(yaml ?? '');
  const change = read.value === null ? null : devicesChange(instance.devices, read.value);
  const save = async (body: InstanceConfiguration) => {
    setProblem(null);
    if (
      await ask(
        t.devices.title(instance.name),
        () => client.call('configureInstance', { params: { id: instance.id }, body }),
        setProblem,
      )
    )
      setYaml(null);
  };
  const devices = Object.entries(instance.devices);
  if (yaml === null) {
    return (
      <Stack>
        <Text size="sm">{t.devices.text}</Text>
        {devices.length > 0 && (
          <Table.ScrollContainer minWidth={420}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t.devices.name}</Table.Th>
                  <Table.Th>{t.devices.type}</Table.Th>
                  <Table.Th>{t.devices.options}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {devices.map(([name, { type, ...options }]) => (
                  <Table.Tr key={name}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td>{type}</Table.Td>
                    <Table.Td>
                      <Group gap={4}>
                        {Object.entries(options).map(([key, value]) => (
                          <Code key={key}>{`${key}=${value}`}</Code>
                        ))}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <Group>
          <ActionButton
            label={t.devices.edit}
            reason={denied}
            run={() => setYaml(devices.length === 0 ? '' : toYaml(instance.devices))}
          />
        </Group>
      </Stack>
    );
  }
  return (
    <Stack maw={900}>
      <YamlInput
        label={t.devices.yaml}
        value={yaml}
        change={setYaml}
        error={read.error}
        placeholder={'data:\n  type: disk\n  source: /srv/data\n  path: /data'}
      />
      {problem !== null && <Problem error={problem} />}
      <Group>
        <ActionButton
          label={t.configuration.save}
          variant="filled"
          loading={asking}
          reason={denied ?? read.error ?? (change === null ? t.configuration.unchanged : null)}
          run={() => change !== null && void save(change)}
        />
        <Button variant="default" onClick={() => setYaml(null)}>
          {t.dialog.cancel}
        </Button>
      </Group>
    </Stack>
  );
}
