import { SnapshotName } from '@longshore/contract';
import { Checkbox, Group, Stack, Table, TextInput } from '@mantine/core';
import { IconCamera, IconRestore, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { Age } from '../../parts/Age.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { Empty } from '../../parts/QueryStates.tsx';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';

type Asked = Readonly<{ what: 'restore' | 'delete'; name: string }>;

/** Snapshots: taken, gone back to, deleted. */
export function SnapshotsTab({ instance, facts }: InstanceTabProps) {
  const { ask, asking } = useChange();
  const [name, setName] = useState('');
  const [stateful, setStateful] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const params = { id: instance.id };
  const fault = name === '' ? null : (SnapshotName.safeParse(name).error?.issues[0]?.message ?? null);
  const denied = whyNotInstance('snapshot', facts);
  const create = async () => {
    if (
      await ask(t.snapshots.take(instance.name, name), () =>
        client.call('createSnapshot', { params, body: { name, stateful } }),
      )
    )
      setName('');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name !== '' && fault === null && denied === null) void create();
  };
  const run = ({ what, name: snapshot }: Asked) =>
    what === 'restore'
      ? void ask(t.snapshots.restoring(instance.name, snapshot), () =>
          client.call('restoreSnapshot', { params: { ...params, snapshot }, body: {} }),
        )
      : void ask(t.snapshots.deleting(instance.name, snapshot), () =>
          client.call('deleteSnapshot', { params: { ...params, snapshot } }),
        );
  return (
    <Stack>
      <form onSubmit={submit}>
        <Group align="end">
          <TextInput
            label={t.snapshots.name}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fault}
          />
          {instance.type === 'virtual-machine' && (
            <Checkbox
              label={t.snapshots.stateful}
              checked={stateful}
              onChange={(event) => setStateful(event.currentTarget.checked)}
            />
          )}
          <ActionButton
            label={t.snapshots.create}
            icon={<IconCamera size={16} />}
            variant="filled"
            loading={asking}
            reason={denied ?? fault ?? (name === '' ? t.snapshots.needsName : null)}
            run={() => void create()}
          />
        </Group>
      </form>
      {instance.snapshots.length === 0 ? (
        <Empty title={t.snapshots.none} text={t.snapshots.noneText} />
      ) : (
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.snapshots.name}</Table.Th>
                <Table.Th>{t.snapshots.age}</Table.Th>
                <Table.Th>{t.snapshots.expires}</Table.Th>
                <Table.Th>{t.instances.actions}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {instance.snapshots.map((snapshot) => (
                <Table.Tr key={snapshot.name}>
                  <Table.Td>{snapshot.name}</Table.Td>
                  <Table.Td>
                    <Age of={snapshot.createdAt} />
                  </Table.Td>
                  <Table.Td>{snapshot.expiresAt ?? t.age.never}</Table.Td>
                  <Table.Td>
                    <Group gap={4} wrap="nowrap">
                      <ActionButton
                        size="xs"
                        label={t.snapshots.restore}
                        icon={<IconRestore size={14} />}
                        reason={whyNotInstance('restore', facts)}
                        run={() => setAsked({ what: 'restore', name: snapshot.name })}
                      />
                      <ActionButton
                        size="xs"
                        label={t.snapshots.delete}
                        icon={<IconTrash size={14} />}
                        reason={whyNotInstance('deleteSnapshot', facts)}
                        run={() => setAsked({ what: 'delete', name: snapshot.name })}
                      />
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {asked !== null && (
        <ConfirmDialog
          title={
            asked.what === 'restore'
              ? t.snapshots.restoring(instance.name, asked.name)
              : t.snapshots.deleting(instance.name, asked.name)
          }
          text={asked.what === 'restore' ? t.snapshots.restoreText : t.snapshots.deleteText}
          confirm={asked.what === 'restore' ? t.snapshots.restore : t.snapshots.delete}
          close={() => setAsked(null)}
          run={() => run(asked)}
        />
      )}
    </Stack>
  );
}
