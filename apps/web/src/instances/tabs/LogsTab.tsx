import { Button, Group, ScrollArea, Select, Stack, Switch, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { LOG_MOST_BYTES, logQuery, logsQuery } from '../../live/fleet-queries.ts';
import { Empty, Problem, Read } from '../../parts/QueryStates.tsx';
import { saveDownload } from '../../parts/save-download.ts';
import { sizeText } from '../../parts/size-text.ts';
import type { InstanceTabProps } from '../../registry/room.ts';
import { t } from '../../texts/texts.ts';
import { plainLog } from './log-text.ts';

const FIRST_BYTES = 65_536;
const FOLLOW_MS = 2000;

/** The logs that the host keeps of an instance, and what the guest wrote to its console. */
export function LogsTab({ instance }: InstanceTabProps) {
  const query = useQuery(logsQuery(instance.id));
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Read query={query}>
      {({ items }) => {
        const name = chosen ?? items[0]?.name;
        if (name === undefined) return <Empty title={t.logs.none} text={t.logs.noneText} />;
        return (
          <Stack>
            <Select
              label={t.logs.file}
              maw={420}
              data={items.map((log) => ({
                value: log.name,
                label: [
                  log.name === 'console' ? t.logs.console : log.name,
                  ...(log.sizeBytes === null ? [] : [sizeText(log.sizeBytes)]),
                ].join(' · '),
              }))}
              value={name}
              onChange={setChosen}
              allowDeselect={false}
            />
            <Log key={name} instanceId={instance.id} instanceName={instance.name} name={name} />
          </Stack>
        );
      }}
    </Read>
  );
}

function Log({
  instanceId,
  instanceName,
  name,
}: Readonly<{ instanceId: string; instanceName: string; name: string }>) {
  const [bytes, setBytes] = useState(FIRST_BYTES);
  const [follow, setFollow] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const query = useQuery({
    ...logQuery(instanceId, name, bytes),
    placeholderData: keepPreviousData,
    refetchInterval: follow ? FOLLOW_MS : false,
  });
  const text = query.data;
  useEffect(() => {
    // A log is read from its end.
    if (text !== undefined) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [text]);
  if (query.error !== null) return <Problem error={query.error} retry={() => void query.refetch()} />;
  const save = () =>
    void saveDownload(new Response(text ?? ''), `${instanceName}-${name.replace(/\.log$/, '')}.log`);
  const isWhole = text !== undefined && text.length < bytes;
  return (
    <>
      <Group gap="sm">
        <Switch
          label={t.logs.follow}
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={save}
          disabled={text === undefined || text === ''}
        >
          {t.logs.download}
        </Button>
        {!isWhole && bytes < LOG_MOST_BYTES && (
          <Button size="xs" variant="default" onClick={() => setBytes(LOG_MOST_BYTES)}>
            {t.logs.more}
          </Button>
        )}
        <Text size="xs" c="dimmed">
          {isWhole ? t.logs.whole : t.logs.end(sizeText(bytes))}
        </Text>
      </Group>
      <ScrollArea.Autosize
        mah="60vh"
        viewportRef={scroller}
        viewportProps={{ tabIndex: 0, role: 'log', 'aria-label': t.logs.text(name) }}
        style={{
          border: '1px solid var(--mantine-color-default-border)',
          borderRadius: 'var(--mantine-radius-sm)',
        }}
      >
        <pre
          style={{ margin: 0, padding: 12, fontSize: 12.5, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        >
          {text === undefined ? t.states.loading : text === '' ? t.logs.empty : plainLog(text)}
        </pre>
      </ScrollArea.Autosize>
    </>
  );
}
