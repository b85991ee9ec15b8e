import { Button, Checkbox, Group, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useHosts } from '../live/use-hosts.ts';
import { BulkResult } from '../operations/BulkResult.tsx';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import type { InstanceFacts } from '../permissions/why-not.ts';
import { useDeclareSelection } from '../registry/selection.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { type BulkChoice, type BulkVerb, bulkBody, bulkChoices } from './bulk-choices.ts';
import type { InstanceRow } from './match-filter.ts';

type Props = Readonly<{
  rows: readonly InstanceRow[];
  factsOf: (row: InstanceRow) => InstanceFacts;
  /** The last action on many, whose result is shown until it is cleared: its rows may leave the filter meanwhile. */
  operationId: string | null;
  started: (operationId: string) => void;
  clear: () => void;
}>;

/** Actions on the chosen rows: each for those whose state allows it, with the result of each afterwards. */
export function BulkBar({ rows, factsOf, operationId, started, clear }: Props) {
  const { ask, asking } = useChange();
  const [verb, setVerb] = useState<BulkVerb | null>(null);
  const choices = useMemo(
    () => bulkChoices(rows.map((row) => ({ ...factsOf(row), id: row.id }))),
    [rows, factsOf],
  );
  useDeclareSelection(
    useMemo(
      () => (rows.length === 0 ? null : { kind: 'many', count: rows.length, choices, ask: setVerb }),
      [rows, choices],
    ),
  );
  const chosen = choices.find((choice) => choice.verb === verb);
  const run = (choice: BulkChoice, options: Parameters<typeof bulkBody>[1]) =>
    void ask(t.bulk.title(choice.verb, choice.ids.length), async () => {
      const reply = await client.call('bulk', { body: bulkBody(choice, options) });
      started(reply.value.operation.id);
      return reply;
    });
  return (
    <Paper withBorder p="xs" mb="sm" role="region" aria-label={t.bulk.region}>
      <Group gap="xs">
        {rows.length > 0 && (
          <Text size="sm" fw={600}>
            {t.bulk.chosen(rows.length)}
          </Text>
        )}
        {(rows.length > 0 ? choices : []).map((choice) => (
          <ActionButton
            key={choice.verb}
            size="xs"
            label={
              choice.ids.length === rows.length
                ? t.bulk.verbs[choice.verb]
                : t.bulk.some(choice.verb, choice.ids.length)
            }
            reason={choice.ids.length > 0 ? null : [...choice.leftOut.keys()].join(' ')}
            loading={asking && verb === choice.verb}
            {...(choice.verb === 'delete' ? { color: 'red', variant: 'outline' as const } : {})}
            run={() => setVerb(choice.verb)}
          />
        ))}
        <Button size="xs" variant="subtle" onClick={clear}>
          {rows.length > 0 ? t.bulk.clear : t.dialog.close}
        </Button>
      </Group>
      {chosen !== undefined && (
        <BulkDialog choice={chosen} close={() => setVerb(null)} run={(options) => run(chosen, options)} />
      )}
      {operationId !== null && <BulkResult id={operationId} />}
    </Paper>
  );
}

function BulkDialog({
  choice,
  close,
  run,
}: Readonly<{
  choice: BulkChoice;
  close: () => void;
  run: (options: Parameters<typeof bulkBody>[1]) => void;
}>) {
  const [force, setForce] = useState(false);
  const [snapshot, setSnapshot] = useState(
    () => `s-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}`,
  );
  const [host, setHost] = useState('');
  const hosts = useHosts();
  const { verb } = choice;
  const canForce = verb === 'stop' || verb === 'restart' || verb === 'delete' || verb === 'move';
  return (
    <ConfirmDialog
      title={`${t.bulk.title(verb, choice.ids.length)}?`}
      text={
        <Stack gap={4}>
          {[...choice.leftOut].map(([reason, count]) => (
            <Text key={reason} size="sm">
              {t.bulk.leftOut(count, reason)}
            </Text>
          ))}
        </Stack>
      }
      confirm={t.bulk.verbs[verb]}
      danger={verb === 'delete' || force}
      {...(verb === 'delete' ? { typed: String(choice.ids.length) } : {})}
      close={close}
      run={() => run({ force, snapshot, host })}
    >
      {verb === 'snapshot' && (
        <TextInput
          label={t.snapshots.name}
          value={snapshot}
          onChange={(event) => setSnapshot(event.currentTarget.value)}
        />
      )}
      {verb === 'move' && (
        <Select
          label={t.move.to}
          placeholder={t.create.auto}
          data={hosts.map((each) => each.name)}
          value={host === '' ? null : host}
          onChange={(value) => setHost(value ?? '')}
          clearable
          searchable
        />
      )}
      {canForce && (
        <Checkbox
          label={verb === 'delete' ? t.remove.force : t.power.force}
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
    </ConfirmDialog>
  );
}
