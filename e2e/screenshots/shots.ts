import type { Page } from 'playwright-core';
import type { FurnishedFleet } from './furnish-fleet.ts';

/** A page to be shown. `prepare` brings it to where it says something, such as an opened dialog. */
export type Shot = Readonly<{ name: string; path: string; prepare?: (page: Page) => Promise<void> }>;

/** Every page; a room that adds one adds its line. */
export function shots({ hostId, instanceId, quarantinedId }: FurnishedFleet): readonly Shot[] {
  const tab = (name: string): Shot => ({
    name: `instance-${name}`,
    path: `/instances/${instanceId}?tab=${name}`,
  });
  return [
    { name: 'overview', path: '/' },
    { name: 'instances', path: '/instances?filter=host%3Anorth-*' },
    { name: 'instance-panel', path: `/instances?selected=${instanceId}` },
    {
      name: 'instance-overview',
      path: `/instances/${instanceId}`,
    },
    tab('configuration'),
    tab('devices'),
    tab('snapshots'),
    tab('exports'),
    tab('logs'),
    tab('access'),
    tab('operations'),
    tab('danger'),
    { name: 'create', path: '/instances/new' },
    { name: 'hosts', path: '/hosts' },
    { name: 'host', path: `/hosts/${hostId}` },
    { name: 'host-quarantined', path: `/hosts/${quarantinedId}` },
    { name: 'enrol', path: '/hosts/enrol' },
    { name: 'images', path: '/images' },
    { name: 'operations', path: '/operations' },
    {
      name: 'palette',
      path: `/instances/${instanceId}`,
      prepare: async (page) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('dialog').getByRole('textbox').first().waitFor();
        await page.getByRole('dialog').getByText('web1').first().waitFor();
      },
    },
  ];
}
