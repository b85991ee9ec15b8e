import type { Host, Image } from '@longshore/contract';
import { Checkbox, Group, Modal, MultiSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconCopy, IconDownload, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { changeSearch } from '../app/search.ts';
import { imageListQuery } from '../live/fleet-queries.ts';
import { useHosts } from '../live/use-hosts.ts';
import { useChange } from '../operations/use-change.ts';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Age } from '../parts/Age.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { FilterBar } from '../parts/FilterBar.tsx';
import { filterErrorOf } from '../parts/filter-error.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { PlainRow, PlainTable } from '../parts/PlainTable.tsx';
import { Empty, Read } from '../parts/QueryStates.tsx';
import { sizeText } from '../parts/size-text.ts';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

const route = getRouteApi('/images');
const OFFERS = [
  { label: t.types.container, term: 'type:container' },
  { label: t.types['virtual-machine'], term: 'type:virtual-machine' },
];

/** Images of the fleet, and where each of them is. */
export function ImagesPage() {
  const { filter = '' } = route.useSearch();
  const navigate = useNavigate({ from: '/images' });
  const { permissions } = useSession();
  const { ask } = useChange();
  const query = useQuery({ ...imageListQuery(filter), placeholderData: keepPreviousData });
  const hosts = useHosts();
  const [copied, setCopied] = useState<Image | 'remote' | null>(null);
  const [removed, setRemoved] = useState<Image | null>(null);
  const denied = whyNotPermitted('images:write', permissions);
  const error = filterErrorOf(query.error);
  const nameOf = (id: string) => hosts.find((host) => host.id === id)?.name ?? id.slice(0, 8);
  const remove = (image: Image) =>
    void ask(t.images.removing(image.description), () =>
      client.call('removeImage', { params: { fingerprint: image.fingerprint }, body: {} }),
    );
  return (
    <>
      <PageHeader title={t.shell.images}>
        <ActionButton
          label={t.images.fetch}
          icon={<IconDownload size={16} />}
          variant="filled"
          reason={denied}
          run={() => setCopied('remote')}
        />
      </PageHeader>
      <FilterBar
        filter={filter}
        error={error}
        placeholder={t.images.filter}
        offers={OFFERS}
        change={(next) => void navigate({ search: changeSearch('filter', next), replace: true })}
      />
      {error === null && (
        <Read query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title={filter === '' ? t.images.none : t.filter.nothing}
                text={filter === '' ? t.images.noneText : t.filter.nothingText(filter)}
              />
            ) : (
              <PlainTable
                label={t.shell.images}
                minWidth={900}
                heads={[
                  t.images.description,
                  t.images.aliases,
                  t.images.fingerprint,
                  t.images.type,
                  t.exports.size,
                  t.shell.hosts,
                  t.snapshots.age,
                  t.instances.actions,
                ]}
              >
                {items.map((image) => (
                  <PlainRow
                    key={image.fingerprint}
                    cells={[
                      ['description', image.description],
                      ['aliases', [...new Set(image.hosts.flatMap((host) => host.aliases))].join(', ')],
                      [
                        'fingerprint',
                        <code key="fingerprint" title={image.fingerprint}>
                          {image.fingerprint.slice(0, 12)}
                        </code>,
                      ],
                      ['type', `${t.types[image.type]}, ${image.architecture}`],
                      ['size', sizeText(image.sizeBytes)],
                      ['hosts', [...new Set(image.hosts.map((host) => nameOf(host.hostId)))].join(', ')],
                      ['age', <Age key="age" of={image.createdAt} />],
                      [
                        'actions',
                        <Group key="actions" gap={4} wrap="nowrap">
                          <ActionButton
                            compact
                            label={t.images.copyTo(image.description)}
                            icon={<IconCopy size={16} />}
                            reason={denied}
                            run={() => setCopied(image)}
                          />
                          <ActionButton
                            compact
                            label={t.images.removing(image.description)}
                            icon={<IconTrash size={16} />}
                            reason={denied}
                            run={() => setRemoved(image)}
                          />
                        </Group>,
                      ],
                    ]}
                  />
                ))}
              </PlainTable>
            )
          }
        </Read>
      )}
      {copied !== null && <CopyDialog image={copied} hosts={hosts} close={() => setCopied(null)} />}
      {removed !== null && (
        <ConfirmDialog
          title={t.images.removing(removed.description)}
          text={t.images.removeText(
            [...new Set(removed.hosts.map((host) => nameOf(host.hostId)))].join(', '),
          )}
          confirm={t.images.remove}
          close={() => setRemoved(null)}
          run={() => remove(removed)}
        />
      )}
    </>
  );
}

function CopyDialog({
  image,
  hosts,
  close,
}: Readonly<{ image: Image | 'remote'; hosts: readonly Host[]; close: () => void }>) {
  const { ask, asking } = useChange();
  const [chosen, setChosen] = useState<string[]>([]);
  const [name, setName] = useState('');
  const [server, setServer] = useState('https://images.linuxcontainers.org');
  const [isMachine, setMachine] = useState(false);
  const isRemote = image === 'remote';
  const has = new Set(isRemote ? [] : image.hosts.map((host) => host.hostId));
  const offered = hosts.filter((host) => !has.has(host.id)).map((host) => host.name);
  const title = isRemote ? t.images.fetch : t.images.copyTo(image.description);
  const copy = async () => {
    const source = isRemote
      ? { image: name, server, protocol: 'simplestreams' as const }
      : { image: image.fingerprint };
    const type = isRemote ? (isMachine ? ('virtual-machine' as const) : ('container' as const)) : image.type;
    const aliases = isRemote ? [name] : [...new Set(image.hosts.flatMap((host) => host.aliases))];
    if (await ask(title, () => client.call('copyImage', { body: { source, hosts: chosen, type, aliases } })))
      close();
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t.dialog.close }}>
      <Stack>
        {isRemote && (
          <>
            <TextInput
              label={t.create.server}
              value={server}
              onChange={(event) => setServer(event.currentTarget.value)}
            />
            <TextInput
              label={t.create.alias}
              placeholder="debian/13"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
            />
            <Checkbox
              label={t.types['virtual-machine']}
              checked={isMachine}
              onChange={(event) => setMachine(event.currentTarget.checked)}
            />
          </>
        )}
        {offered.length === 0 ? (
          <Text size="sm">{t.images.everywhere}</Text>
        ) : (
          <MultiSelect
            label={t.images.toHosts}
            data={offered}
            value={chosen}
            onChange={setChosen}
            searchable
          />
        )}
        <Group justify="end">
          <ActionButton
            label={t.images.copy}
            variant="filled"
            loading={asking}
            reason={
              chosen.length === 0 ? t.images.needsHosts : isRemote && name === '' ? t.images.needsName : null
            }
            run={() => void copy()}
          />
        </Group>
      </Stack>
    </Modal>
  );
}
