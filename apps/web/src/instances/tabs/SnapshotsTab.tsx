import { SnapshotName } from '@longshore/contract';
import { Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { IconCamera, IconRestore, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { Age } from '../../parts/Age.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
import { Empty } from '../../parts/QueryStates.tsx';
import { whyNotInstance } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { momentText, t } from '../../texts/texts.ts';

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
        <PlainTable
          label={t.instances.tabs.snapshots}
          heads={[t.snapshots.name, t.snapshots.age, t.snapshots.expires, t.instances.actions]}
          minWidth={420}
        >
          {instance.snapshots.map((snapshot) => (
            <PlainRow
              key={snapshot.name}
              cells={[
                ['name', snapshot.name],
                ['age', <Age key="age" of={snapshot.createdAt} />],
                ['expires', snapshot.expiresAt === null ? t.age.never : momentText(snapshot.expiresAt)],
                [
                  'actions',
                  <Group key="actions" gap={4} wrap="nowrap">
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
                  </Group>,
                ],
              ]}
            />
          ))}
        </PlainTable>
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
