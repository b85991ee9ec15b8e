import { type InstanceExport, LongshoreError } from '@longshore/contract';
import { Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconPackageExport, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exportsQuery } from '../../live/fleet-queries.ts';
import { useChange } from '../../operations/use-change.ts';
import { ActionButton } from '../../parts/ActionButton.tsx';
import { Age } from '../../parts/Age.tsx';
import { PlainRow, PlainTable } from '../../parts/PlainTable.tsx';
import { Empty, Read } from '../../parts/QueryStates.tsx';
import { saveDownload } from '../../parts/save-download.ts';
import { sizeText } from '../../parts/size-text.ts';
import { toastFailure, toastSuccess } from '../../parts/toasts.ts';
import { whyNotInstance, whyNotPermitted } from '../../permissions/why-not.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { client } from '../../session/client.ts';
import { t } from '../../texts/texts.ts';

/** Exports of an instance: files that Longshore keeps for a day. */
export function ExportsTab({ instance, facts }: InstanceTabProps) {
  const queries = useQueryClient();
  const query = useQuery(exportsQuery);
  const { ask, asking } = useChange();
  const [loading, setLoading] = useState<string | null>(null);
  const denied = whyNotPermitted('instances:write', facts.permissions);
  const create = () =>
    void ask(t.exports.making(instance.name), () =>
      client.call('exportInstance', { params: { id: instance.id }, body: {} }),
    );
  const remove = async (file: InstanceExport) => {
    if (!(await ask(t.exports.delete, () => client.call('deleteExport', { params: { id: file.id } }))))
      return;
    toastSuccess(t.exports.delete, t.operations.done);
    await queries.invalidateQueries({ queryKey: ['exports'] });
  };
  const download = async (file: InstanceExport) => {
    setLoading(file.id);
    try {
      const reply = await client.download('downloadExport', { params: { id: file.id } });
      await saveDownload(reply, `${file.instanceName}.tar.gz`);
    } catch (error) {
      if (!(error instanceof LongshoreError)) throw error;
      toastFailure(t.exports.download, error);
    } finally {
      setLoading(null);
    }
  };
  return (
    <Stack>
      <Group>
        <ActionButton
          label={t.exports.create}
          icon={<IconPackageExport size={16} />}
          variant="filled"
          loading={asking}
          reason={whyNotInstance('export', facts)}
          run={create}
        />
        <Text size="sm">{t.exports.text}</Text>
      </Group>
      <Read query={query}>
        {({ items }) => {
          const own = items.filter((file) => file.instanceId === instance.id);
          if (own.length === 0) return <Empty title={t.exports.none} text={t.exports.noneText} />;
          return (
            <PlainTable
              label={t.instances.tabs.exports}
              heads={[t.snapshots.age, t.exports.size, 'SHA-256', t.instances.actions]}
              minWidth={520}
            >
              {own.map((file) => (
                <PlainRow
                  key={file.id}
                  cells={[
                    ['age', <Age key="age" of={file.createdAt} />],
                    ['size', sizeText(file.sizeBytes)],
                    [
                      'sha256',
                      <code key="sha256" title={file.sha256}>
                        {file.sha256.slice(0, 12)}
                      </code>,
                    ],
                    [
                      'actions',
                      <Group key="actions" gap={4} wrap="nowrap">
                        <ActionButton
                          size="xs"
                          label={t.exports.download}
                          icon={<IconDownload size={14} />}
                          reason={denied}
                          loading={loading === file.id}
                          run={() => void download(file)}
                        />
                        <ActionButton
                          size="xs"
                          label={t.exports.delete}
                          icon={<IconTrash size={14} />}
                          reason={denied}
                          run={() => void remove(file)}
                        />
                      </Group>,
                    ],
                  ]}
                />
              ))}
            </PlainTable>
          );
        }}
      </Read>
    </Stack>
  );
}
