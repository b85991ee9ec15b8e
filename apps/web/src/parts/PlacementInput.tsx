import { SegmentedControl, Select, Stack } from '@mantine/core';
import { useHosts } from '../live/use-hosts.ts';
import { t } from '../texts/texts.ts';
import { LabelsInput } from './LabelsInput.tsx';
import type { PlacementChoice } from './placement-choice.ts';

/** The best host, the best of those with labels, or a named one. */
export function PlacementInput({
  choice,
  change,
  except,
  error,
}: Readonly<{
  choice: PlacementChoice;
  change: (choice: PlacementChoice) => void;
  except?: string;
  error?: string | undefined;
}>) {
  const hosts = useHosts();
  const offered = hosts
    .filter((host) => host.name !== except)
    .map((host) => ({
      value: host.name,
      label:
        host.status === 'online' && !host.maintenance
          ? host.name
          : `${host.name} (${host.maintenance ? t.hosts.maintenance : t.status[host.status]})`,
    }));
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label={t.create.placement}
        value={choice.by}
        onChange={(by) => change({ ...choice, by: by === 'labels' || by === 'host' ? by : 'auto' })}
        data={[
          { value: 'auto', label: t.create.auto },
          { value: 'labels', label: t.create.byLabels },
          { value: 'host', label: t.create.byHost },
        ]}
      />
      {choice.by === 'host' && (
        <Select
          label={t.instances.columns.host}
          data={offered}
          value={choice.host === '' ? null : choice.host}
          onChange={(host) => change({ ...choice, host: host ?? '' })}
          searchable
          error={error}
        />
      )}
      {choice.by === 'labels' && (
        <LabelsInput
          label={t.create.hostLabels}
          tags={choice.tags}
          change={(tags) => change({ ...choice, tags })}
          error={error}
        />
      )}
    </Stack>
  );
}
