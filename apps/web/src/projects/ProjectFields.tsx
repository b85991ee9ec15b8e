import { NumberInput, SimpleGrid, Textarea, TextInput } from '@mantine/core';
import { t } from '../texts/texts.ts';
import type { ProjectForm } from './project-form.ts';

type NumberField = 'instances' | 'cpu' | 'memoryGib' | 'diskGib' | 'defaultDays' | 'maxDays';

/** Each number with the field of the API that its errors name. */
const NUMBERS: readonly (readonly [field: NumberField, path: string, suffix: string])[] = [
  ['instances', 'quota.instances', ''],
  ['cpu', 'quota.cpu', ''],
  ['memoryGib', 'quota.memoryBytes', ' GiB'],
  ['diskGib', 'quota.diskBytes', ' GiB'],
  ['defaultDays', 'defaultLifetimeDays', ''],
  ['maxDays', 'maxLifetimeDays', ''],
];

/** Name, description, quotas and lifetimes of a project. */
export function ProjectFields({
  form,
  change,
  errorAt,
}: Readonly<{
  form: ProjectForm;
  change: (form: ProjectForm) => void;
  errorAt: (path: string) => string | undefined;
}>) {
  return (
    <>
      <TextInput
        label={t.projects.name}
        description={t.projects.nameHint}
        value={form.name}
        onChange={(event) => change({ ...form, name: event.currentTarget.value })}
        error={errorAt('name')}
        autoComplete="off"
        data-autofocus
        required
      />
      <Textarea
        label={t.instances.description}
        value={form.description}
        onChange={(event) => change({ ...form, description: event.currentTarget.value })}
        error={errorAt('description')}
        autosize
        maxRows={6}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {NUMBERS.map(([field, path, suffix]) => (
          <NumberInput
            key={field}
            label={t.projects.fields[field]}
            placeholder={t.projects.noLimit}
            value={form[field]}
            onChange={(value) => change({ ...form, [field]: String(value) })}
            error={errorAt(path)}
            min={0}
            suffix={suffix}
            allowDecimal={suffix !== ''}
            decimalScale={3}
            hideControls
          />
        ))}
      </SimpleGrid>
    </>
  );
}
