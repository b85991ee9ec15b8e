import {
  IconAlertTriangle,
  IconArrowsRightLeft,
  IconCamera,
  IconCopy,
  IconEdit,
  IconPackageExport,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconReload,
  IconSettings,
} from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { type InstanceAction, whyNotInstance } from '../permissions/why-not.ts';
import type { InstanceEntry } from '../registry/room.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import type { Power } from './use-power.ts';

// The navigation knows these entries, so they are on every page; their dialog is not.
const PowerDialog = lazy(async () => ({ default: (await import('./PowerDialog.tsx')).PowerDialog }));

const allowed =
  (action: InstanceAction): InstanceEntry['whyNot'] =>
  (facts) =>
    whyNotInstance(action, facts);

function power(action: Power, icon: InstanceEntry['icon']): InstanceEntry {
  return {
    id: action,
    label: (name) => t.power.title(action, name),
    icon,
    whyNot: allowed(action),
    run({ id, name }, { ask, show }) {
      const send = (force: boolean) =>
        void ask(t.power.title(action, name), () =>
          client.call('powerInstance', { params: { id }, body: { action, force } }),
        );
      if (action === 'stop' || action === 'restart')
        show((close) => (
          <Suspense fallback={null}>
            <PowerDialog action={action} name={name} close={close} run={send} />
          </Suspense>
        ));
      else send(false);
    },
  };
}

/** Leads to the tab where the action has its form. */
function inTab(
  action: InstanceAction,
  tab: string,
  icon: InstanceEntry['icon'],
  label: InstanceEntry['label'],
): InstanceEntry {
  return {
    id: action,
    label,
    icon,
    whyNot: allowed(action),
    run: ({ id }, { go }) => go(`/instances/${id}?tab=${tab}`),
  };
}

/** What can be done with an instance, in the palette and in the menu of its page. */
export const instanceEntries: readonly InstanceEntry[] = [
  power('start', IconPlayerPlay),
  power('stop', IconPlayerStop),
  power('restart', IconReload),
  power('freeze', IconPlayerPause),
  power('unfreeze', IconPlayerPlay),
  inTab('snapshot', 'snapshots', IconCamera, t.snapshots.of),
  inTab('configure', 'configuration', IconSettings, t.configuration.title),
  inTab('export', 'exports', IconPackageExport, t.exports.making),
  inTab('move', 'danger', IconArrowsRightLeft, t.move.doing),
  inTab('copy', 'danger', IconCopy, t.copying.of),
  inTab('rename', 'danger', IconEdit, t.rename.of),
  inTab('delete', 'danger', IconAlertTriangle, t.remove.title),
];
