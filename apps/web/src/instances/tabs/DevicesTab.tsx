import type { InstanceConfiguration, LongshoreError } from '@longshore/contract';
import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
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
          <PlainTable
            label={t.instances.tabs.devices}
            heads={[t.devices.name, t.devices.type, t.devices.options]}
            minWidth={420}
          >
            {devices.map(([name, { type, ...options }]) => (
              <PlainRow
                key={name}
                cells={[
                  ['name', name],
                  ['type', type],
                  [
                    'options',
                    <Group key="options" gap={4}>
                      {Object.entries(options).map(([key, value]) => (
                        <Code key={key}>{`${key}=${value}`}</Code>
                      ))}
                    </Group>,
                  ],
                ]}
              />
            ))}
          </PlainTable>
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
