import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type SimulatedFleet, startSimulatedHosts } from '@longshore/testbed';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { buildWebUi } from './build-web-ui.ts';
import { openBrowser } from './open-browser.ts';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

/** Generous: two cores run hosts, database, server and browser at once. */
const LIMIT_MS = 60_000;
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
  /** Where the machine of Longshore would have its own LXD: the socket of the third simulated host. */
  let socketFolder: string;
  /** What the browser complained of: refused scripts, failed requests of ours, faults. */
  const complaints: string[] = [];

  before(async () => {
    await buildWebUi();
    socketFolder = await mkdtemp(join(tmpdir(), 'longshore-web-'));
    await symlink('sim3.socket', join(socketFolder, 'unix.socket'));
    const env = { LXD_DIR: socketFolder };
    // One after the other, so that what is open is closed also when the next fails.
    simulated = await startSimulatedHosts({ count: 3, instancesPerHost: 20, socketFolder });
    browser = await openBrowser();
    fleet = await openFleet({ name: 'web', lxd: 1, longshore: { env, readyLimitMs: 180_000 } });
    const [host] = fleet.testbed.hosts;
    assert.ok(host);
    image = await host.importImage('busybox');
    ({ context, page } = await newPage({}));
  });

  after(async () => {
    await browser?.close();
    await fleet?.close();
    await simulated?.close();
    await rm(socketFolder, { recursive: true, force: true });
  });

  async function newPage(options: Parameters<Browser['newContext']>[0]) {
    const opened = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const tab = await opened.newPage();
    tab.setDefaultTimeout(LIMIT_MS);
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('console', (message) => {
      // A request that is refused on purpose, or that a host has no answer to, is told as an error by the browser itself.
      if (message.type() === 'error' && !/status of (4\d\d|502)/.test(message.text()))
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

  it('renames, exports, copies and moves, each from its form', async () => {
    const open1 = async (name: string, tab: string) => {
      const { value } = await fleet.client.call('listInstances', { query: { filter: `name:${name}` } });
      await open(`/instances/${value.items[0]?.id}?tab=${tab}`);
    };
    await open1('web1', 'danger');
    await page.getByRole('textbox', { name: 'New name' }).fill('web2');
    await button('Rename').click();
    await heading('web2');

    await page.getByRole('tab', { name: 'Exports' }).click();
    await button('Export').click();
    const downloading = page.waitForEvent('download', { timeout: LIMIT_MS });
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    const file = await (await downloading).path();
    assert.ok((await stat(file)).size > 1000, 'the export is a file with something in it');

    await page.getByRole('tab', { name: 'Danger zone' }).click();
    await page.getByRole('textbox', { name: 'Name of the copy' }).fill('web3');
    await button('Copy').click();
    await heading('web3');
    await seen(page.getByText('stopped', { exact: true }));

    await open1('many3', 'danger');
    const moving = page.locator('.mantine-Card-root', { has: page.getByRole('heading', { name: 'Move' }) });
    await moving.getByText('Named host', { exact: true }).click();
    await moving.getByRole('combobox', { name: 'Host' }).click();
    await page.getByRole('option', { name: 'sim2' }).click();
    await moving.getByRole('button', { name: 'Move' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await seen(page.getByRole('main').getByRole('link', { name: 'sim2', exact: true }));
  });

  it('edits the configuration as YAML, and the host has it', async () => {
    const { value } = await fleet.client.call('listInstances', { query: { filter: 'name:web2' } });
    const id = value.items[0]?.id ?? '';
    await open(`/instances/${id}?tab=configuration`);
    await page.getByRole('radiogroup', { name: 'Form or YAML' }).getByText('YAML').click();
    const yaml = page.getByRole('textbox', { name: 'Configuration as YAML' });
    const text = await yaml.inputValue();
    await yaml.fill('config: [');
    await seen(page.getByText(/^1:\d+ /));
    await yaml.fill(text.replace(/^config:.*$/m, 'config:\n  user.note: from the page'));
    await button('Save').click();
    const [real] = fleet.testbed.hosts;
    assert.ok(real);
    await untilTrue('the host has the key', async () =>
      (await real.cli(['config', 'get', 'web2', 'user.note'])).includes('from the page'),
    );
  });

  it('brings an image to another host', async () => {
    const { value } = await fleet.client.call('listImages', { query: { filter: 'alias:bb' } });
    const fingerprint = value.items.find(({ hosts }) => hosts.length === 2)?.fingerprint ?? '';
    await fleet.done(
      fleet.client.call('removeImage', { params: { fingerprint }, body: { hosts: ['sim2'] } }),
    );
    await open('/images');
    const line = page.getByRole('row').filter({ hasText: fingerprint.slice(0, 12) });
    await line.getByRole('button', { name: /^Copy / }).click();
    await page.getByRole('combobox', { name: 'To hosts' }).click();
    await page.getByRole('option', { name: 'sim2' }).click();
    // The list of hosts lies over the button until the field is left.
    await page.keyboard.press('Tab');
    await page.getByRole('dialog').getByRole('button', { name: 'Copy' }).click();
    await seen(line.getByText(/sim2/));
  });

  it('offers the socket of its own machine, and takes it', async () => {
    await open('/hosts/enrol');
    await page.getByRole('radiogroup', { name: 'Access' }).getByText('Local socket').click();
    await page.getByRole('button', { name: join(socketFolder, 'unix.socket') }).click();
    await button('Next').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('here');
    await button('Enrol').click();
    await page.getByRole('link', { name: 'Show the host' }).click();
    await heading('here');
    await seen(page.getByText('online', { exact: true }));
  });

  it('says which host is lost while it is, and when it is back', async () => {
    const [real] = fleet.testbed.hosts;
    assert.ok(real);
    const { value } = await fleet.client.call('listInstances', { query: { filter: 'name:web2' } });
    await open(`/instances/${value.items[0]?.id}`);
    await heading('web2');
    await real.daemon('kill');
    const lost = page.getByRole('alert').filter({ hasText: 'Host real is unreachable' });
    await seen(lost);
    await seen(lost.getByText(/Last seen/));
    await real.daemon('start');
    await lost.waitFor({ state: 'detached' });
  });

  it('goes anywhere by the keyboard, and shows what failed lately', async () => {
    await open('/');
    await heading('Overview');
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog');
    await palette.getByRole('textbox').fill('web2');
    await seen(palette.getByRole('button', { name: /web2/ }));
    await page.keyboard.press('Enter');
    await heading('web2');
    await open('/instances?filter=many&sort=name');
    await seen(row('many1'));
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await seen(page.getByText('1 chosen'));
    await page.keyboard.press('Enter');
    await heading('many1');
    await page.keyboard.press('?');
    await seen(page.getByRole('dialog', { name: 'Keyboard' }));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /operation/ }).click();
    const drawer = page.getByRole('dialog', { name: 'Operations that are going on' });
    // The enrolment with a wrong password.
    await seen(drawer.getByText(/password/));
    await drawer.getByRole('button', { name: 'To its form' }).first().click();
    await heading('Enrol a host');
  });

  it('speaks German to who asks for it', async () => {
    const german = await newPage({ locale: 'de-AT' });
    await open('/hosts', german.page);
    await seen(german.page.getByRole('button', { name: 'Ein Token benutzen' }));
    assert.equal(await german.page.getAttribute('html', 'lang'), 'de');
    await german.context.close();
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
    simHost(0).changeBehind('many1', {
      description: HOSTILE,
      config: { 'user.hostile': HOSTILE, 'image.description': HOSTILE },
    });
    const [real] = fleet.testbed.hosts;
    assert.ok(real);
    await real.cli(['image', 'set-property', image, 'description', HOSTILE]);
    await open(`/instances/${many.id}`);
    await seen(page.getByText(HOSTILE));
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await seen(page.getByRole('textbox', { name: 'user.hostile' }));
    await open('/instances?filter=many1');
    await seen(row('many1'));
    await open('/images');
    await seen(page.getByRole('cell', { name: HOSTILE }));
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

  it('says that ten megabytes of user data are too much, and loses nothing', async () => {
    await open('/instances/new');
    await page.getByRole('textbox', { name: 'Name' }).fill(HOSTILE);
    const userData = page.getByRole('textbox', { name: 'User data' });
    await userData.fill('#cloud-config\npackages: [vim]');
    // Through the clipboard it would come as one change, too.
    await userData.evaluate((field) => {
      const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set;
      set?.call(field, 'x'.repeat(10_000_000));
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await seen(page.getByText(/It has 10,000,000 characters; at most 1,048,576/));
    await button('Create and start').click();
    await seen(page.getByText(/start with a letter/));
    await page.getByRole('link', { name: 'Hosts' }).click();
    await heading('Hosts');
    await page.goBack();
    await heading('Create an instance');
    assert.equal(await userData.inputValue(), '#cloud-config\npackages: [vim]');
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), HOSTILE);
    await userData.fill('');
  });

  it('has no fault that a checker of accessibility finds, light and dark, and fits a phone', async (t) => {
    const { value: instances } = await fleet.client.call('listInstances', { query: { filter: 'web2' } });
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
      `/instances/${instance}?tab=logs`,
      `/instances/${instance}?tab=access`,
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
    const faultsOf = async (tab: Page, where: string) => {
      await tab.evaluate(axe);
      const found = Violations.parse(
        await tab.evaluate(
          `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then((r) => r.violations)`,
        ),
      );
      return found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
        );
    };
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
        faults.push(...(await faultsOf(checked.page, where)));
        const overhang = await checked.page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(overhang) > 0) faults.push(`${where}: ${overhang} px wider than the window`);
        await keepScreenshot(checked.page, path, look.viewport.width < 500 ? 'phone-dark' : look.colorScheme);
      }
      await checked.page.keyboard.press('Control+k');
      await seen(checked.page.getByRole('dialog').getByRole('button', { name: 'Overview' }));
      faults.push(...(await faultsOf(checked.page, `palette ${look.colorScheme}`)));
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
