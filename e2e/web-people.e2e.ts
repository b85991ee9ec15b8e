import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient, waitForOperation } from '@longshore/contract';
import {
  type IdentityProviderProcess,
  type LongshoreProcess,
  type SimulatedFleet,
  startIdentityProvider,
  startLongshore,
  startSimulatedHosts,
} from '@longshore/testbed';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { buildWebUi } from './build-web-ui.ts';
import { openBrowser } from './open-browser.ts';
import { untilTrue } from './until-true.ts';

/** Generous: two cores run a host, database, server, provider and browser at once. */
const LIMIT_MS = 60_000;
const HOSTILE = '<img src=x onerror="globalThis.hostile=true">';
const password = 'correct horse battery';
/**
 * What the browser itself tells as errors and is none: refusals on purpose, what a foreign page may not read, and a change
 * of the machine's networks, which are not ours.
 */
const EXPECTED = /status of (4\d\d|50[23])|ERR_BLOCKED_BY_RESPONSE|ERR_NETWORK_CHANGED/;

const Violations = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
);

describe('the people’s side of the browser UI', { timeout: 600_000 }, () => {
  let longshore: LongshoreProcess;
  let provider: IdentityProviderProcess;
  let simulated: SimulatedFleet;
  let browser: Browser;
  let client: Client;
  /** WebAuthn knows no addresses but names. */
  let base: string;
  let ada: Page;
  let ben: Page;
  const complaints: string[] = [];

  before(async () => {
    await buildWebUi();
    // One after the other: what is open is closed, also when the next fails.
    longshore = await startLongshore();
    simulated = await startSimulatedHosts({ count: 1, instancesPerHost: 3 });
    browser = await openBrowser();
    client = createClient({ url: longshore.url, token: longshore.token });
    base = longshore.url.replace('127.0.0.1', 'localhost');
    provider = await startIdentityProvider(
      [`${base}/login/callback`],
      [{ id: '12', username: 'ben', name: HOSTILE, email: 'ben@example.org', groups: ['lab'] }],
    );
    [ada, ben] = [(await newPage()).page, (await newPage()).page];
  });

  after(async () => {
    await browser?.close();
    await longshore?.stop();
    await provider?.close();
    await simulated?.close();
  });

  async function newPage(
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) complaints.push(message.text());
    });
    return { context, page };
  }

  const open = (page: Page, path: string) => page.goto(`${base}/ui${path}`);
  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole('heading', { level: 1, name }).waitFor();
  const button = (within: Page | Locator, name: string | RegExp) =>
    within.getByRole('button', { name, exact: typeof name === 'string' });
  const field = (within: Page | Locator, name: string) => within.getByRole('textbox', { name });
  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
  const seen = (locator: Locator) => locator.first().waitFor();

  async function logInAsAda(page: Page): Promise<void> {
    await field(page, 'Name').fill('ada');
    await page.getByLabel(/^Password/).fill(password);
    await button(page, 'Log in').click();
  }

  it('makes the first administrator out of the set-up link, whose code leaves the address', async () => {
    const line = longshore
      .output()
      .split('\n')
      .find((each) => each.includes('"setupUrl"'));
    const { setupUrl } = z.object({ setupUrl: z.string() }).parse(JSON.parse(line ?? '{}'));
    await open(ada, '/');
    await seen(ada.getByText('There is no administrator yet'));
    await open(ada, `/setup${new URL(setupUrl).hash}`);
    await field(ada, 'Name to log in with').fill('ada');
    await field(ada, 'Your name').fill('Ada');
    const secret = ada.getByLabel(/^Password/);
    await secret.fill('aaaaaaaaaaaaaaaa');
    await seen(ada.getByText('It repeats itself'));
    await secret.fill(password);
    assert.equal(ada.url(), `${base}/ui/setup`);
    await button(ada, 'Make the account').click();
    await heading(ada, 'Overview');
    await ada.getByRole('link', { name: 'Ada', exact: true }).click();
    await heading(ada, 'Profile');
  });

  it('asks for a code where a second factor is set, and needs none with a passkey', async () => {
    await open(ada, '/profile?tab=login');
    await button(ada, 'Set up an authenticator app').click();
    const dialog = ada.getByRole('dialog', { name: 'Set up an authenticator app' });
    await dialog.getByLabel(/^Present password/).fill(password);
    await button(dialog, 'Go on').click();
    const secret = (await dialog.getByLabel('Secret', { exact: true }).textContent()) ?? '';
    await field(dialog, 'Code that the app shows').fill(totp(secret, Date.now()));
    await button(dialog, 'Put it in force').click();
    const codes = ada.getByRole('dialog', { name: 'Recovery codes' });
    assert.equal((await codes.locator('pre').textContent())?.split('\n').length, 10);
    await button(codes, 'Close').last().click();

    await button(ada, 'Log out').click();
    await logInAsAda(ada);
    // The code of the next half minute is good already, and the one that was used is not any more.
    await field(ada, 'Code of the second factor').fill(totp(secret, Date.now() + 30_000));
    await button(ada, 'Log in').click();
    await heading(ada, 'Profile');

    const tools = await ada.context().newCDPSession(ada);
    await tools.send('WebAuthn.enable');
    await tools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await button(ada, 'Add a passkey').click();
    await field(ada, 'Name of the passkey').fill('laptop');
    await button(ada.getByRole('dialog'), 'Go on').click();
    await seen(button(ada, 'Remove the passkey laptop'));
    await button(ada, 'Log out').click();
    await button(ada, 'Log in by passkey').click();
    await heading(ada, 'Profile');
  });

  it('adds GitLab; who comes by it waits until the administrator has approved them', async () => {
    await open(ada, '/settings');
    await button(ada, 'Add an identity provider').click();
    const dialog = ada.getByRole('dialog');
    await field(dialog, 'Address').fill(provider.issuer);
    await field(dialog, 'Application ID').fill(provider.clientId);
    await dialog.getByLabel(/^Secret/).fill(provider.clientSecret);
    await button(dialog, 'Add an identity provider').click();
    await seen(ada.getByRole('heading', { name: 'GitLab' }));
    await button(ada, 'Try it').click();
    await seen(ada.getByText('It can be used.'));

    await open(ben, '/projects');
    await button(ben, 'Log in with GitLab').click();
    await heading(ben, 'Waiting for approval');
    await seen(ben.getByText(HOSTILE));

    await open(ada, '/people?filter=status%3Apending');
    await button(row(ada, 'ben').first(), 'Approve').click();
    const approval = ada.getByRole('dialog', { name: 'Approve ben' });
    await approval.getByLabel('Give a first role, too').uncheck();
    await button(approval, 'Approve').click();
    await seen(ada.getByText('Nothing matches', { exact: true }));
    await seen(ben.getByText('You have no role yet'));
  });

  it('shows a member the instances of the project and no others', async () => {
    const [host] = simulated.hosts;
    assert.ok(host);
    const enrolled = await client.call('enrolHost', {
      body: { name: 'sim', access: { by: 'token', token: host.token('longshore'), url: host.url } },
    });
    await waitForOperation(client, enrolled.value.operation.id);

    await open(ada, '/projects');
    await button(ada.getByRole('main'), 'Create a project').first().click();
    const dialog = ada.getByRole('dialog');
    await field(dialog, 'Name').fill('lab');
    await field(dialog, 'Description').fill(HOSTILE);
    await field(dialog, 'Instances at most').fill('4');
    await button(dialog, 'Create a project').click();
    await heading(ada, 'lab');
    await seen(ada.getByText(HOSTILE));
    for (const [name, project] of [
      ['inside', 'lab'],
      ['outside', null],
    ] as const) {
      const { value } = await client.call('createInstance', {
        body: {
          name,
          source: { image: 'bb' },
          placement: { host: 'sim' },
          ...(project === null ? {} : { project }),
        },
      });
      await waitForOperation(client, value.operation.id);
    }
    await ada.getByRole('tab', { name: 'Members' }).click();
    await button(ada, 'Add a member').click();
    const adding = ada.getByRole('dialog');
    await field(adding, 'Name to log in with').fill('ben');
    await button(adding, 'Add a member').click();
    await seen(row(ada, 'ben'));

    await ben.getByRole('link', { name: 'lab', exact: true }).click();
    await heading(ben, 'lab');
    await seen(ben.getByText('1 / 4'));
    await ben.getByRole('link', { name: '1 instance' }).click();
    await heading(ben, 'Instances');
    await seen(ben.getByRole('link', { name: 'inside', exact: true }));
    await open(ben, '/instances');
    await seen(ben.getByRole('link', { name: 'inside', exact: true }));
    assert.equal(await ben.getByRole('link', { name: 'outside', exact: true }).count(), 0);
    assert.equal(await ben.getByRole('link', { name: 'Hosts', exact: true }).count(), 0);
    await open(ben, '/people');
    await seen(ben.getByText('You are not permitted to see this'));
  });

  it('makes a token for a robot of the project, and shows its secret once', async () => {
    await open(ada, '/projects/lab?tab=tokens');
    await button(ada, 'Create a token').click();
    await field(ada.getByRole('dialog'), 'Name').fill(HOSTILE);
    await button(ada.getByRole('dialog'), 'Create a token').click();
    const shown = ada.getByRole('dialog', { name: HOSTILE });
    const secret = (await shown.getByLabel('Token', { exact: true }).textContent()) ?? '';
    await button(shown, 'Close').last().click();
    const robot = createClient({ url: longshore.url, token: secret });
    const { value } = await robot.call('listInstances', {});
    assert.deepEqual(
      value.items.map(({ name }) => name),
      ['inside'],
    );
    await open(ada, '/tokens');
    await button(row(ada, HOSTILE), 'Revoke').click();
    await button(ada.getByRole('dialog'), 'Revoke').click();
    await row(ada, HOSTILE).waitFor({ state: 'detached' });
    await assert.rejects(robot.call('listInstances', {}), { code: 'unauthenticated' });
  });

  it('ends a session from another one, and says so there', async () => {
    const other = await newPage();
    await open(other.page, '/instances');
    await button(other.page, 'Log in with GitLab').click();
    await heading(other.page, 'Instances');
    await open(ben, '/profile?tab=sessions');
    await seen(row(ben, 'this one'));
    await button(ben, 'End it').click();
    await button(ben, 'End it').waitFor({ state: 'detached' });
    await seen(other.page.getByText('Your session has ended'));
    assert.equal(other.page.url(), `${base}/ui/instances`);
    await other.context.close();
  });

  it('lets in while GitLab is down, and says that it is', async () => {
    provider.setFault('token', { kind: 'status', status: 503 });
    const { context, page } = await newPage();
    await open(page, '/projects');
    await button(page, 'Log in with GitLab').click();
    await seen(page.getByText('The identity provider does not answer'));
    assert.match(page.url(), /\/ui\/login\?error=provider-failed/);
    await button(page, 'Use a token').click();
    await page.getByLabel(/^Token/).fill(longshore.token);
    await button(page, 'Log in with the token').click();
    await page.waitForURL(/\/ui\/(projects)?$/);
    provider.setFault('token', null);
    await context.close();
  });

  it('leads nowhere else after a login, and takes no change from a foreign page', async () => {
    const { context, page } = await newPage();
    await page.goto(`${base}/ui/login?next=${encodeURIComponent(`${provider.issuer}/ui/`)}`);
    await button(page, 'Log in with GitLab').click();
    // The first page, which is the projects for those who see no hosts.
    await heading(page, 'Projects');
    assert.equal(page.url(), `${base}/ui/projects`);
    await page.goto(`${provider.issuer}/.well-known/openid-configuration`);
    await page.evaluate(
      `fetch(${JSON.stringify(`${base}/v1/logout`)}, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': 'text/plain' }, body: '{}' }).then(() => true, () => false)`,
    );
    await open(page, '/profile');
    await heading(page, 'Profile');
    await context.close();
  });

  it('keeps in the audit log who did what, and shows it as text', async () => {
    await open(ada, '/audit?filter=action%3AaddMember');
    await seen(row(ada, 'ada'));
    await row(ada, 'ada').getByRole('button').first().click();
    await seen(ada.getByRole('dialog').getByText('Request', { exact: true }));
    assert.match(ada.url(), /selected=/);
    await ada.keyboard.press('Escape');
    const download = ada.waitForEvent('download');
    await button(ada, 'Export').click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    assert.ok(lines.every((line) => JSON.parse(line).action === 'addMember'));
    await open(ada, '/people');
    await seen(ada.getByText(HOSTILE));
    for (const page of [ada, ben]) assert.equal(await page.evaluate('globalThis.hostile'), undefined);
  });

  it('has no fault that a checker of accessibility finds, light and dark, and fits a phone', async () => {
    const { value: people } = await client.call('listPeople', { query: { filter: 'name:ben' } });
    const paths = [
      '/projects',
      '/projects/lab',
      '/projects/lab?tab=members',
      '/projects/lab?tab=tokens',
      '/projects/lab?tab=settings',
      '/people',
      '/people?tab=roles',
      `/people/${people.items[0]?.id}`,
      `/people/${people.items[0]?.id}?tab=keys`,
      '/tokens?tab=own',
      '/audit',
      '/settings',
      '/settings?tab=mappings',
      '/settings?tab=server',
      '/profile',
      '/profile?tab=login',
      '/profile?tab=sessions',
      '/profile?tab=keys',
    ];
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const storageState = await ada.context().storageState();
    const faults: string[] = [];
    for (const look of [
      { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
      { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
    ] as const) {
      // The checker is put into the page from outside, which the page's own policy rightly forbids.
      const checked = { ...look, bypassCSP: true, reducedMotion: 'reduce' } as const;
      const out = await newPage(checked);
      await check(out.page, '/login', look.colorScheme);
      await out.context.close();
      const { context, page } = await newPage({ ...checked, storageState });
      for (const path of paths) await check(page, path, look.colorScheme);
      await context.close();
    }
    assert.deepEqual(faults, []);

    async function check(page: Page, path: string, scheme: string): Promise<void> {
      await open(page, path);
      await seen(page.getByRole('heading', { level: 1 }));
      await page.waitForLoadState('load');
      await page.waitForFunction('document.querySelector(".mantine-Loader-root") === null');
      await page.evaluate(axe);
      const found = Violations.parse(
        await page.evaluate(
          `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then((r) => r.violations)`,
        ),
      );
      for (const { id, impact, nodes } of found)
        if (impact === 'serious' || impact === 'critical')
          faults.push(`${path} ${scheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
      const overhang = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      if (Number(overhang) > 0) faults.push(`${path} ${scheme}: ${overhang} px wider than the window`);
    }
  });

  it('shuts out who is blocked, at once', async () => {
    await open(ben, '/projects');
    await seen(ben.getByRole('link', { name: 'lab', exact: true }));
    const { value } = await client.call('listPeople', { query: { filter: 'name:ben' } });
    await open(ada, `/people/${value.items[0]?.id}`);
    await button(ada, 'Block').click();
    await button(ada.getByRole('dialog', { name: 'Block ben' }), 'Block').click();
    await seen(button(ada, 'Unblock'));
    await seen(ben.getByText('Your session has ended'));
    await button(ben, 'Log in with GitLab').click();
    await seen(ben.getByText('This account is blocked here'));
    await untilTrue('the audit log has it', async () => {
      const { value: log } = await client.call('listAudit', { query: { filter: 'action:blockPerson' } });
      return log.items.some(({ who }) => who.name === 'ada');
    });
  });

  it('needs nothing that its policy forbids, and fails nowhere', () => {
    assert.deepEqual(complaints, []);
  });
});

/** A code of an authenticator app (RFC 6238: HMAC-SHA-1, 30 seconds, six digits) for a moment. */
function totp(secret: string, atMs: number): string {
  const bits = [...secret.replaceAll('=', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}
