import { Autocomplete, Group, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { imagesQuery } from '../live/fleet-queries.ts';
import type { FieldErrors } from '../parts/field-errors.ts';
import { t } from '../texts/texts.ts';
import type { CreationForm } from './creation-form.ts';
import { imageOffers } from './image-offers.ts';

const SERVERS = ['https://images.linuxcontainers.org', 'https://cloud-images.ubuntu.com/releases'];

/** An image that the fleet has, by alias or fingerprint, or one of a server. */
export function ImageInput({
  form,
  set,
  errors,
}: Readonly<{ form: CreationForm; set: (part: Partial<CreationForm>) => void; errors: FieldErrors }>) {
  const images = useQuery(imagesQuery).data?.items ?? [];
  const [isRemote, setRemote] = useState(form.server !== '');
  const error = errors.at('source.image') ?? errors.at('source');
  return (
    <>
      <Select
        label={t.create.imageFrom}
        data={[
          { value: 'fleet', label: t.create.fromFleet },
          { value: 'server', label: t.create.fromServer },
        ]}
        value={isRemote ? 'server' : 'fleet'}
        allowDeselect={false}
        onChange={(value) => {
          setRemote(value === 'server');
          set({ server: value === 'server' ? (SERVERS[0] ?? '') : '' });
        }}
      />
      {isRemote ? (
        <Group grow align="start">
          <Autocomplete
            label={t.create.server}
            data={SERVERS}
            value={form.server}
            onChange={(server) => set({ server })}
            error={errors.at('source.server')}
          />
          <Select
            label={t.create.protocol}
            data={['simplestreams', 'lxd']}
            value={form.protocol}
            allowDeselect={false}
            onChange={(value) => set({ protocol: value === 'lxd' ? 'lxd' : 'simplestreams' })}
          />
          <TextInput
            label={t.create.alias}
            placeholder="debian/13"
            value={form.image}
            onChange={(event) => set({ image: event.currentTarget.value })}
            error={error}
            required
          />
        </Group>
      ) : (
        <Autocomplete
          label={t.create.alias}
          description={t.create.aliasHint}
          data={imageOffers(images, form.type)}
          value={form.image}
          onChange={(image) => set({ image })}
          error={error}
          required
          limit={50}
        />
      )}
    </>
  );
}
