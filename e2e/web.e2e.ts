import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { type SimulatedFleet, startSimulatedHosts } from '@longshore/testbed';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { buildWebUi } from './build-web-ui.ts';
import { openBrowser } from './open-browser.ts';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

/** Generous: two cores run hosts, database, server and browser at once. */
const LIMIT_MS = 45_000;
const HOSTILE = '<img src=x onerror="globalThis.hostile=true">';

const Violations = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
);

describe('the browser UI over a real LXD host and simulated ones', () => {
  let fleet: Fleet;
  let simulated: SimulatedFleet;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let image: string;
  /** What the browser complained of: refused scripts, failed requests of ours, faults. */
  const complaints: string[] = [];

  before(async () => {
    await buildWebUi();
    [fleet, simulated, browser] = await Promise.all([
      openFleet({ name: 'web', lxd: 1 }),
      startSimulatedHosts({ count: 2, instancesPerHost: 20 }),
      openBrowser(),
    ]);
    const [host] = fleet.testbed.hosts;
    assert.ok(host);
    image = await host.importImage('busybox');
    ({ context, page } = await newPage({}));
  });

  after(async () => {
    await browser?.close();
    await fleet?.close();
    await simulated?.close();
  });

  async function newPage(options: Parameters<Browser['newContext']>[0]) {
    const opened = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const tab = await opened.newPage();
    tab.setDefaultTimeout(LIMIT_MS);
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('console', (message) => {
      // A request that is refused on purpose is told as an error by the browser itself.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
        complaints.push(message.text());
    });
    return { context: opened, page: tab };
  }

  const open = (path: string, tab = page) => tab.goto(`${fleet.longshore.url}/ui${path}`);
  const heading = (name: string | RegExp, tab = page) =>
    tab.getByRole('heading', { level: 1, name }).waitFor();
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const seen = (locator: Locator) => locator.first().waitFor();
  const simHost = (index: number) => {
    const host = simulated.hosts[index];
    assert.ok(host);
    return host;
  };

  async function logIn(token: string, tab: Page) {
    const fields = tab.getByLabel(/^Token/);
    if (!(await fields.isVisible())) await tab.getByRole('button', { name: 'Use a token' }).click();
    await fields.fill(token);
    await tab.getByRole('button', { name: 'Log in with the token' }).click();
  }

  it('lets in who has a token, and nobody else', async () => {
    await open('/instances?filter=status%3Arunning');
    await logIn('lsh_not-a-token-of-this-server', page);
    await seen(page.getByText('does not take this token'));
    await logIn(fleet.longshore.token, page);
    await heading('Instances');
    assert.match(page.url(), /filter=status/, 'the address is kept');
  });

  it('enrols hosts: by a token, and by an address after its fingerprint was confirmed', async () => {
    const [real] = fleet.testbed.hosts;
    assert.ok(real);
    await open('/');
    await page.getByRole('link', { name: 'Enrol a host' }).click();
    await page.getByRole('textbox', { name: 'Trust token' }).fill(await real.token('longshore'));
    await page.getByRole('textbox', { name: 'Address' }).fill(real.url);
    await button('Next').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('real');
    await button('Enrol').click();
    await page.getByRole('link', { name: 'Show the host' }).click();
    await heading('real');
    await seen(page.getByText('online', { exact: true }));

    const sim = simHost(0);
    await open('/hosts/enrol');
    await page.getByRole('radiogroup', { name: 'Access' }).getByText('Address').click();
    await page.getByRole('textbox', { name: 'Address' }).fill(sim.url);
    await button('Next').click();
    const shown = await page.locator('code', { hasText: /^[0-9a-f]{4}( [0-9a-f]{4})+$/ }).textContent();
    assert.equal(shown?.replaceAll(' ', ''), sim.fingerprint, 'the fingerprint is the server’s own');
    await page.getByLabel('Trust password').fill('wrong');
    await button('The fingerprint is right').click();
    await button('Enrol').click();
    await seen(page.getByRole('alert').filter({ hasText: /password/ }));
    await button('Back').click();
    await page.getByLabel('Trust password').fill('testbed');
    await button('The fingerprint is right').click();
    await button('Enrol').click();
    await page.getByRole('link', { name: 'Show the host' }).click();
    await heading('sim1');
    const token = simHost(1).token('longshore');
    await fleet.done(
      fleet.client.call('enrolHost', {
        body: { name: 'sim2', access: { by: 'token', token, url: simHost(1).url } },
      }),
    );
    await open('/');
    await seen(page.getByRole('heading', { name: 'Needs attention' }));
    await seen(page.getByRole('link', { name: 'real', exact: true }));
  });

  it('creates an instance on the real host and sees it run, without a reload', async () => {
    await open('/instances/new');
    await page.getByRole('textbox', { name: 'Name' }).fill('1st');
    await button('Create and start').click();
    await seen(page.getByText(/start with a letter/));
    await page.getByRole('textbox', { name: 'Name' }).fill('web1');
    await page.getByRole('combobox', { name: /^Alias/ }).fill(image);
    await page.getByText('Named host', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Host' }).click();
    await page.getByRole('option', { name: 'real' }).click();
    await seen(page.getByText(`longshore launch ${image} web1 --host real`));
    await button('Create and start').click();
    await heading('web1');
    await seen(page.getByText('running', { exact: true }));
  });

  it('takes a snapshot', async () => {
    await page.getByRole('tab', { name: 'Snapshots' }).click();
    await page.getByRole('textbox', { name: 'Name of the snapshot' }).fill('first');
    await button('Take a snapshot').click();
    await seen(page.getByRole('cell', { name: 'first', exact: true }));
    assert.match(page.url(), /tab=snapshots/);
  });

  it('keeps filter and order in the address, and says at the bar what is wrong with a filter', async () => {
    await open('/instances');
    const bar = page.getByRole('searchbox', { name: 'Filter' });
    await bar.fill('colour:red');
    await seen(page.getByText(/has no field "colour"/));
    await bar.fill('host:real');
    await seen(page.getByText('1 of 41'));
    await page.reload();
    await seen(row('web1'));
    assert.equal(await page.getByRole('searchbox', { name: 'Filter' }).inputValue(), 'host:real');
    await button('Remove host:real').click();
    await seen(page.getByText('41', { exact: true }));
  });

  it('stops it from its row, and paints what happens on a host by itself', async () => {
    await open('/instances?filter=host%3Areal');
    await row('web1').getByRole('button', { name: 'Stop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop web1?' });
    await dialog.getByLabel(/Cut the power/).check();
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await seen(row('web1').getByText('stopped', { exact: true }));
    const sim = simHost(0);
    const [name = ''] = sim.instanceNames();
    await open(`/instances?filter=name%3A${name}`);
    await seen(row(name));
    for (const status of ['Stopped', 'Running'] as const) {
      sim.changeBehind(name, { status });
      await seen(row(name).getByText(status.toLowerCase(), { exact: true }));
    }
  });

  it('acts on many with a result for each, and leaves out what the state does not allow', async () => {
    for (const name of ['many1', 'many2', 'many3'])
      await fleet.launch(name, {
        source: { image: 'bb' },
        placement: { host: 'sim1' },
        start: name !== 'many3',
      });
    await open('/instances?filter=many');
    await seen(page.getByText('3 of 44'));
    await page.getByLabel('Choose all that match').check();
    await button('Stop (2)').click();
    const dialog = page.getByRole('dialog');
    await seen(dialog.getByText('1 instance left out: It does not run.'));
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await seen(page.getByText('2 of 2 done'));
    await untilTrue('all three are stopped', async () => {
      const { value } = await fleet.client.call('listInstances', {
        query: { filter: 'many status:stopped' },
      });
      return value.items.length === 3;
    });
  });

  it('shows both certificates of a host whose certificate has changed, and accepts the new one', async () => {
    const sim = simHost(1);
    const before = sim.fingerprint;
    await sim.renewCertificate();
    const { value } = await fleet.client.call('listHosts', { query: { filter: 'name:sim2' } });
    await open(`/hosts/${value.items[0]?.id}`);
    const alert = page.getByRole('alert').filter({ hasText: 'The certificate of this host has changed' });
    await seen(alert);
    const shown = (await alert.locator('code').allTextContents()).map((text) => text.replaceAll(' ', ''));
    assert.deepEqual(shown, [before, sim.fingerprint]);
    await alert.getByRole('button', { name: 'Accept the new certificate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Accept the new certificate' }).click();
    await seen(page.getByText('online', { exact: true }));
  });

  it('shows what a hostile host says as text', async () => {
    const { value } = await fleet.client.call('listInstances', { query: { filter: 'many1' } });
    const [many] = value.items;
    assert.ok(many);
    simHost(0).changeBehind('many1', { description: HOSTILE, config: { 'user.hostile': HOSTILE } });
    await open(`/instances/${many.id}`);
    await seen(page.getByText(HOSTILE));
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await seen(page.getByRole('textbox', { name: 'user.hostile' }));
    assert.equal(await page.evaluate('globalThis.hostile'), undefined);
  });

  it('says why a control is off, and goes back to the login when the token ends', async () => {
    const { value: made } = await fleet.client.call('createToken', {
      body: {
        name: 'reader',
        scopes: ['instances:read', 'hosts:read', 'operations:read', 'server:read', 'images:read'],
      },
    });
    const reader = await newPage({});
    await open('/hosts', reader.page);
    await logIn(made.secret, reader.page);
    await seen(reader.page.getByRole('button', { name: /Enrol a host: .*hosts:write/ }));
    await fleet.client.call('revokeToken', { params: { id: made.id } });
    await reader.page.getByRole('link', { name: 'Instances' }).click();
    await seen(reader.page.getByText('Your session has ended'));
    assert.match(reader.page.url(), /\/ui\/instances/);
    await reader.context.close();
  });

  it('has no fault that a checker of accessibility finds, light and dark, and fits a phone', async (t) => {
    const { value: instances } = await fleet.client.call('listInstances', { query: { filter: 'web1' } });
    const { value: hosts } = await fleet.client.call('listHosts', { query: { filter: 'name:real' } });
    const [instance, host] = [instances.items[0]?.id, hosts.items[0]?.id];
    const paths = [
      '/',
      '/instances',
      `/instances?selected=${instance}`,
      `/instances/${instance}`,
      `/instances/${instance}?tab=configuration`,
      `/instances/${instance}?tab=snapshots`,
      `/instances/${instance}?tab=danger`,
      '/instances/new',
      '/hosts',
      `/hosts/${host}`,
      '/hosts/enrol',
      '/images',
      '/operations',
      '/tokens',
    ];
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const faults: string[] = [];
    for (const look of [
      { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
      { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
    ] as const) {
      // The checker is put into the page from outside, which the page's own policy rightly forbids.
      const checked = await newPage({ ...look, bypassCSP: true, reducedMotion: 'reduce' });
      await open('/tokens', checked.page);
      await logIn(fleet.longshore.token, checked.page);
      for (const path of paths) {
        const where = `${path} ${look.colorScheme}`;
        await open(path, checked.page);
        await seen(checked.page.getByRole('heading', { level: 1 }));
        await checked.page.waitForLoadState('load');
        await checked.page.waitForFunction('document.querySelector(".mantine-Loader-root") === null');
        await checked.page.evaluate(axe);
        const found = Violations.parse(
          await checked.page.evaluate(
            `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then((r) => r.violations)`,
          ),
        );
        for (const { id, impact, nodes } of found)
          if (impact === 'serious' || impact === 'critical')
            faults.push(`${where}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
        const overhang = await checked.page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(overhang) > 0) faults.push(`${where}: ${overhang} px wider than the window`);
        await keepScreenshot(checked.page, path, look.viewport.width < 500 ? 'phone-dark' : look.colorScheme);
      }
      await checked.context.close();
    }
    t.diagnostic(`${paths.length} pages, each light on a desk and dark on a phone`);
    assert.deepEqual(faults, []);
  });

  it('needs nothing that its policy forbids, and fails nowhere', () => {
    assert.deepEqual(complaints, []);
    assert.ok(context);
  });
});

/** Keeps what a page looks like, where `LONGSHORE_SCREENSHOTS` names a folder. */
async function keepScreenshot(page: Page, path: string, look: string): Promise<void> {
  const folder = process.env.LONGSHORE_SCREENSHOTS;
  if (folder === undefined) return;
  const name = path
    .replaceAll(/[0-9a-f-]{36}/g, 'one')
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  await page.screenshot({ path: `${folder}/${name === '' ? 'overview' : name}-${look}.png` });
}
