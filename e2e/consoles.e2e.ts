import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { buildWebUi } from './build-web-ui.ts';
import { openBrowser } from './open-browser.ts';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

/** Generous: two cores run hosts, database, server and browser at once. */
const LIMIT_MS = 60_000;
const CLI = join(fileURLToPath(new URL('..', import.meta.url)), 'apps/cli/src/main.ts');
const Violations = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
);

describe('consoles of a real host', () => {
  let fleet: Fleet;
  let browser: Browser;
  let page: Page;
  let instance: string;
  const complaints: string[] = [];

  before(async () => {
    await buildWebUi();
    // One after the other: what is open is closed again where the next one fails.
    fleet = await openFleet({ name: 'term', lxd: 1, longshore: { readyLimitMs: 180_000 } });
    browser = await openBrowser();
    const [host] = fleet.testbed.hosts;
    assert.ok(host);
    await host.importImage('busybox');
    await fleet.enrol(host);
    instance = await fleet.launch('web1', { source: { image: 'bb' } });
    page = await newPage();
  });

  after(async () => {
    await browser?.close();
    await fleet?.close();
  });

  async function newPage(): Promise<Page> {
    // The checker of accessibility is put into the page from outside, which the page's own policy rightly forbids.
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const tab = await context.newPage();
    tab.setDefaultTimeout(LIMIT_MS);
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('console', (message) => {
      if (message.type() === 'error' && /policy/i.test(message.text())) complaints.push(message.text());
    });
    await tab.goto(`${fleet.longshore.url}/ui/instances/${instance}?tab=console`);
    await logIn(tab);
    await tab.getByRole('heading', { level: 1, name: 'web1' }).waitFor();
    return tab;
  }

  async function logIn(tab: Page): Promise<void> {
    await tab.getByRole('button', { name: 'Use a token' }).click();
    await tab.getByLabel(/^Token/).fill(fleet.longshore.token);
    await tab.getByRole('button', { name: 'Log in with the token' }).click();
  }

  const seen = (locator: Locator) => locator.first().waitFor();
  const terminal = (tab: Page) => tab.getByRole('region', { name: 'Terminal of web1' });
  const shown = async (tab: Page) => (await terminal(tab).locator('.xterm-rows').textContent()) ?? '';
  const shows = (tab: Page, text: string) =>
    untilTrue(`the terminal shows ${text}`, async () => (await shown(tab)).includes(text));
  const state = (tab: Page, text: string | RegExp) => seen(tab.getByRole('status').filter({ hasText: text }));
  const type = async (tab: Page, line: string) => {
    await terminal(tab).getByRole('textbox').focus();
    await tab.keyboard.type(line);
    await tab.keyboard.press('Enter');
  };
  const chooseConsole = (tab: Page) =>
    tab.getByRole('radiogroup', { name: 'What to open' }).getByText('Console', { exact: true }).click();
  const sessions = async () =>
    (await fleet.client.call('listInstanceConsoles', { params: { id: instance } })).value.items;

  it('opens a shell in the browser, types, and gives it the size of the window', async () => {
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await state(page, /^connected/);
    await type(page, 'echo A$((1+1))B');
    await shows(page, 'A2B');
    await page.setViewportSize({ width: 1000, height: 900 });
    await untilTrue('the shell knows the size', async () => {
      await type(page, 'clear; stty size | sed s/^/S/');
      const text = (await terminal(page).locator('.xterm-rows').textContent()) ?? '';
      const [, , columns = ''] = /S(\d+)\s+(\d+)/.exec(text) ?? [];
      return columns !== '' && Number(columns) < 100;
    });
  });

  it('goes on in the same session when the network was lost', async () => {
    await type(page, 'clear; X=kept; echo D$((1+1))N');
    await shows(page, 'D2N~ # '); // BusyBox throws away what is typed while a command runs
    const before = (await sessions()).map(({ id }) => id);
    await page.context().setOffline(true);
    await page.evaluate('0');
    await page.context().setOffline(false);
    await type(page, 'echo $X-$X');
    await shows(page, 'kept-kept');
    assert.deepEqual(
      (await sessions()).map(({ id }) => id),
      before,
    );
  });

  it('has no fault that a checker of accessibility finds', async () => {
    const checked = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
    const tab = await checked.newPage();
    tab.setDefaultTimeout(LIMIT_MS);
    await tab.goto(`${fleet.longshore.url}/ui/consoles/${instance}?type=shell`);
    await logIn(tab);
    await state(tab, /^connected/);
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const check = async () => {
      await tab.evaluate(axe);
      const found = Violations.parse(
        await tab.evaluate(
          `axe.run('#main', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then((r) => r.violations)`,
        ),
      );
      return found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
    };
    assert.deepEqual(await check(), []);
    await tab.goto(`${fleet.longshore.url}/ui/consoles`);
    await seen(tab.getByRole('link', { name: 'web1' }));
    assert.deepEqual(await check(), []);
    await checked.close();
  });

  it('tells a person that an administrator has ended the session', async () => {
    const [session] = await sessions();
    assert.ok(session);
    for (const { id } of await sessions()) await fleet.client.call('endConsole', { params: { id } });
    await state(page, 'ended by an administrator');
    await page.getByRole('button', { name: 'Leave' }).click();
  });

  it('shows who uses the console, lets others look along, and take over', async () => {
    const other = await newPage();
    await chooseConsole(page);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await state(page, /^connected/);
    await page.keyboard.press('Enter');
    await untilTrue('the console shows something', async () => {
      await type(page, 'echo B$((1+2))C');
      return (await shown(page)).includes('B3C');
    });
    await chooseConsole(other);
    await other.getByRole('button', { name: 'Look along' }).click();
    await state(other, 'You look along');
    await shows(other, 'B3C');
    await state(page, 'looking along');
    await other.getByRole('button', { name: 'Leave' }).click();
    await other.getByRole('button', { name: 'Take over' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Take over' }).click();
    await seen(page.getByRole('alert').filter({ hasText: 'takes the console over' }));
    await state(page, 'Somebody else has taken the console over');
    await state(other, /^connected/);
    await other.context().close();
  });

  it('runs a command from the command line, with its exit code, and puts no ticket into a log or an address', async () => {
    const cli = spawn(
      process.execPath,
      [CLI, 'shell', 'web1', '--', 'sh', '-c', 'read x; echo "got $x"; read y; exit 5'],
      {
        env: { ...process.env, LONGSHORE_URL: fleet.longshore.url, LONGSHORE_TOKEN: fleet.longshore.token },
      },
    );
    let out = '';
    cli.stdout.on('data', (data) => {
      out += String(data);
    });
    const ended = new Promise((resolve) => cli.once('close', resolve));
    cli.stdin.write('words\n');
    await untilTrue('the command has answered', async () => out.includes('got words'));
    cli.stdin.write('\n');
    assert.equal(await ended, 5, out);
    const { value } = await fleet.client.call('listAudit', {
      query: { filter: 'action:console-end', limit: 100 },
    });
    assert.ok(value.items.some(({ detail, target }) => detail.exitCode === 5 && target.name === 'web1'));
    assert.doesNotMatch(fleet.longshore.output(), /[?&](ticket|token)=/);
  });

  it('ends with the instance', async () => {
    const tab = await newPage();
    await tab.getByRole('button', { name: 'Open', exact: true }).click();
    await state(tab, /^connected/);
    await fleet.done(
      fleet.client.call('powerInstance', { params: { id: instance }, body: { action: 'stop', force: true } }),
    );
    await state(tab, /ended|stopped/);
    await untilTrue('nobody is connected', async () => (await sessions()).length === 0);
  });

  it('needs nothing that the policy of the page forbids', () => {
    assert.deepEqual(complaints, []);
  });
});
