import { Autocomplete, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { hostsQuery, projectsQuery } from '../live/fleet-queries.ts';
import { t } from '../texts/texts.ts';
import { atPlace, type RoleChoice, rolesAt } from './role-choice.ts';

const PLACES = ['fleet', 'project', 'host', 'label'] as const;

/** Where a role counts, and which. */
export function RoleInput({
  choice,
  change,
  error,
}: Readonly<{
  choice: RoleChoice;
  change: (choice: RoleChoice) => void;
  error?: string | undefined;
}>) {
  const projects = useQuery({ ...projectsQuery, enabled: choice.place === 'project' }).data?.items ?? [];
  const hosts = useQuery({ ...hostsQuery, enabled: choice.place === 'host' }).data?.items ?? [];
  const names = choice.place === 'project' ? projects : choice.place === 'host' ? hosts : [];
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t.roles.where}
        value={choice.place}
        onChange={(value) => change(atPlace(choice, PLACES.find((place) => place === value) ?? 'project'))}
        data={PLACES.map((place) => ({ value: place, label: t.roles.places[place] }))}
      />
      {choice.place !== 'fleet' && (
        <Autocomplete
          label={t.roles.places[choice.place]}
          data={[...new Set(names.map(({ name }) => name))]}
          value={choice.name}
          onChange={(name) => change({ ...choice, name })}
          error={error}
          {...(choice.place === 'label' ? { placeholder: t.labels.placeholder } : {})}
          required
        />
      )}
      <Select
        label={t.roles.role}
        data={rolesAt(choice.place).map((role) => ({ value: role, label: t.roles.names[role] }))}
        value={choice.role}
        onChange={(value) =>
          change({ ...choice, role: rolesAt(choice.place).find((role) => role === value) ?? choice.role })
        }
        allowDeselect={false}
      />
      <Text size="xs" c="dimmed">
        {t.roles.means[choice.place === 'fleet' ? 'fleet' : 'part'][choice.role]}
      </Text>
    </Stack>
  );
}
