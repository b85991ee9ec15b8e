import type { Page } from 'playwright-core';
import type { FurnishedFleet } from './furnish-fleet.ts';

/** A page to be shown. `prepare` brings it to where it says something, such as an opened dialog. */
export type Shot = Readonly<{
  name: string;
  path: string;
  prepare?: (page: Page) => Promise<void>;
  /** Who looks: by default a robot's token; `person` is an administrator with an account, `nobody` is not logged in. */
  as?: 'person' | 'nobody';
}>;

/** Every page; a room that adds one adds its line. */
export function shots({ hostId, instanceId, quarantinedId, personId }: FurnishedFleet): readonly Shot[] {
  const tab = (name: string): Shot => ({
    name: `instance-${name}`,
    path: `/instances/${instanceId}?tab=${name}`,
  });
  return [
    { name: 'instances', path: '/instances?filter=host%3Anorth-*' },
    { name: 'instance-panel', path: `/instances?selected=${instanceId}` },
    {
      name: 'instance-overview',
      path: `/instances/${instanceId}`,
      // A line needs two samples.
      prepare: (page) => page.locator('figure path[d*="L"]').first().waitFor({ state: 'attached' }),
    },
    tab('configuration'),
    tab('devices'),
    tab('snapshots'),
    tab('exports'),
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
    { name: 'login', path: '/login', as: 'nobody' },
    { name: 'setup', path: '/setup#not-a-code', as: 'nobody' },
    { name: 'projects', path: '/projects', as: 'person' },
    { name: 'project', path: '/projects/shop', as: 'person' },
    { name: 'project-members', path: '/projects/shop?tab=members', as: 'person' },
    { name: 'project-robots', path: '/projects/shop?tab=tokens', as: 'person' },
    { name: 'project-settings', path: '/projects/research?tab=settings', as: 'person' },
    { name: 'people', path: '/people', as: 'person' },
    { name: 'people-roles', path: '/people?tab=roles', as: 'person' },
    { name: 'person', path: `/people/${personId}`, as: 'person' },
    { name: 'tokens', path: '/tokens', as: 'person' },
    { name: 'audit', path: '/audit?filter=action%3Acreate*', as: 'person' },
    { name: 'settings', path: '/settings', as: 'person' },
    { name: 'settings-groups', path: '/settings?tab=mappings', as: 'person' },
    { name: 'settings-server', path: '/settings?tab=server', as: 'person' },
    { name: 'profile', path: '/profile', as: 'person' },
    { name: 'profile-login', path: '/profile?tab=login', as: 'person' },
    { name: 'profile-sessions', path: '/profile?tab=sessions', as: 'person' },
    {
      name: 'profile-keys',
      path: '/profile?tab=keys',
      as: 'person',
      prepare: async (page) => {
        await page.getByRole('button', { name: 'Add an SSH key' }).first().click();
        await page.getByRole('dialog').getByRole('textbox').fill('ssh-ed25519 AAAAC3NzaC1lZDI1');
      },
    },
    {
      name: 'palette',
      path: `/instances/${instanceId}`,
      prepare: async (page) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('dialog').getByRole('textbox').first().waitFor();
        await page.getByRole('dialog').getByText('web1').first().waitFor();
      },
    },
    // Last, when there is something in its plots.
    { name: 'overview', path: '/' },
  ];
}
