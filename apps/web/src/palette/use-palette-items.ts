import { useDebouncedValue } from '@mantine/hooks';
import { IconBox, IconChecks, IconFolder, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { filterError } from '../instances/match-filter.ts';
import { foundInstancesQuery, hostsQuery, projectsQuery } from '../live/fleet-queries.ts';
import type { ActionContext } from '../registry/action-context.tsx';
import { registry } from '../registry/rooms.ts';
import { type Selection, useSelection } from '../registry/selection.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import type { PaletteItem } from './find-items.ts';

/** Typing is followed by a request only when it pauses. */
const PAUSE_MS = 120;

/** All that the palette offers for what is typed: on what is chosen, everywhere, and where to go. */
export function usePaletteItems(typed: string, context: ActionContext): readonly PaletteItem[] {
  const { access } = useSession();
  const selection = useSelection();
  const [word] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const asked = word !== '' && filterError(word) === null;
  const instances = useQuery({ ...foundInstancesQuery(word), enabled: asked }).data;
  const hosts = useQuery({ ...hostsQuery, enabled: permittedSomewhere(access, 'hosts:read') }).data;
  const projects = useQuery({
    ...projectsQuery,
    enabled: permittedSomewhere(access, 'projects:read'),
  }).data;
  const { go } = context;
  const place = { reason: null } as const;
  return [
    ...selectionItems(selection, context),
    ...registry.commands.map(
      ({ id, label, icon, keywords = '', whyNot, run }): PaletteItem => ({
        id,
        group: 'commands',
        label,
        keywords,
        icon,
        reason: whyNot?.(access) ?? null,
        run: () => run(context),
      }),
    ),
    ...registry.navigation
      .filter(({ needs }) => needs === undefined || permittedSomewhere(access, needs))
      .map(
        ({ to, label, icon }): PaletteItem => ({
          ...place,
          id: `page ${to}`,
          group: 'pages',
          label,
          icon,
          run: () => go(to),
        }),
      ),
    ...(instances?.items ?? []).map(
      ({ id, name, status, hostId }): PaletteItem => ({
        ...place,
        id: `instance ${id}`,
        group: 'instances',
        label: name,
        description: [t.status[status], instances?.hosts[hostId]?.name ?? ''].filter(Boolean).join(', '),
        // The server found it by what was typed, perhaps by a field that is not shown.
        keywords: word,
        icon: IconBox,
        run: () => go(`/instances/${id}`),
      }),
    ),
    ...(hosts?.items ?? []).map(
      ({ id, name, status, labels }): PaletteItem => ({
        ...place,
        id: `host ${id}`,
        group: 'hosts',
        label: name,
        description: t.status[status],
        keywords: Object.values(labels).join(' '),
        icon: IconServer2,
        run: () => go(`/hosts/${id}`),
      }),
    ),
    ...(projects?.items ?? []).map(
      ({ id, name, description }): PaletteItem => ({
        ...place,
        id: `project ${id}`,
        group: 'projects',
        label: name,
        description,
        icon: IconFolder,
        run: () => go(`/projects/${id}`),
      }),
    ),
  ];
}

function selectionItems(selection: Selection, context: ActionContext): readonly PaletteItem[] {
  switch (selection.kind) {
    case 'none':
      return [];
    case 'one': {
      const { instance, facts } = selection;
      return registry.instanceEntries.map(({ id, label, icon, whyNot, run }) => ({
        id: `selection ${id}`,
        group: 'selection',
        label: label(instance.name),
        icon,
        reason: whyNot(facts),
        run: () => run(instance, context),
      }));
    }
    case 'many':
      return selection.choices.map(({ verb, ids, leftOut }) => ({
        id: `selection ${verb}`,
        group: 'selection',
        label: t.bulk.title(verb, ids.length === 0 ? selection.count : ids.length),
        icon: IconChecks,
        reason: ids.length > 0 ? null : [...leftOut.keys()].join(' '),
        run: () => selection.ask(verb),
      }));
  }
}
