import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient, Me, Problem } from '@longshore/contract';
import {
  createTestBrowser,
  type IdentityProviderProcess,
  type LongshoreProcess,
  startIdentityProvider,
  startLongshore,
  type TestBrowser,
} from '@longshore/testbed';
import { z } from 'zod';

const CLI = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));
const password = 'correct horse battery';
const Ready = z.object({ setupUrl: z.url() });
const Begun = z.object({ url: z.string() });
const Secret = z.object({ secret: z.string() });

/** A server without hosts, and an identity provider beside it. */
describe('people of a new installation', { timeout: 300_000 }, () => {
  let longshore: LongshoreProcess;
  let provider: IdentityProviderProcess;
  const ada = createTestBrowser();
  const ben = createTestBrowser();

  before(async () => {
    longshore = await startLongshore();
    provider = await startIdentityProvider(
      [`${longshore.url}/login/callback`],
      [{ id: '12', username: 'ben', name: 'Ben', email: 'ben@example.org', groups: ['lab'] }],
    );
  });

  after(async () => {
    await provider?.close();
    await longshore?.stop();
  });

  const to = (path: string) => `${longshore.url}${path}`;
  const ok = async (reply: Promise<Response>): Promise<unknown> => {
    const response = await reply;
    const body = await response.text();
    assert.ok(response.ok, `${response.status} ${body}`);
    return body === '' ? undefined : JSON.parse(body);
  };
  /** A command line with the administrator's token; its output. */
  const asAdministrator = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, LONGSHORE_URL: longshore.url, LONGSHORE_TOKEN: longshore.token };
    const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const output = await text(child.stdout);
    assert.deepEqual(await ended, [0, null], args.join(' '));
    return output;
  };
  const me = async (browser: TestBrowser) => Me.parse(await ok(browser.request(to('/v1/me'))));
  const visitProvider = async (browser: TestBrowser) => {
    const begun = Begun.parse(await ok(browser.change('POST', to('/v1/login/providers/lab'), {})));
    const callback = await browser.follow(begun.url, to('/login/callback'));
    return (await browser.request(callback)).headers.get('location');
  };

  it('begin with an administrator out of the set-up link', async () => {
    const line = longshore
      .output()
      .split('\n')
      .find((each) => each.includes('setupUrl'));
    const { setupUrl } = Ready.parse(JSON.parse(line ?? '{}'));
    assert.match(await (await fetch(to('/setup'))).text(), /first administrator/);
    assert.equal((await fetch(setupUrl)).status, 200);
    const code = new URL(setupUrl).hash.slice(1);
    await ok(
      ada.change('POST', to('/v1/setup/account'), { code, name: 'ada', displayName: 'Ada', password }),
    );
    assert.ok((await me(ada)).permissions.includes('hosts:write'));
  });

  it('come by an identity provider, wait for approval, and are approved', async () => {
    await ok(
      ada.change('POST', to('/v1/identity-providers'), {
        name: 'lab',
        title: 'Lab',
        kind: 'gitlab',
        issuer: provider.issuer,
        clientId: provider.clientId,
        clientSecret: provider.clientSecret,
      }),
    );
    assert.equal(await visitProvider(ben), '/ui/');
    const pending = await me(ben);
    assert.equal(pending.status, 'pending');
    const refused = await ben.request(to('/v1/hosts'));
    assert.equal(Problem.parse(await refused.json()).code, 'approval-pending');
    assert.match(await asAdministrator('person', 'list', '--filter', 'status:pending', '--quiet'), /^ben\n$/);
    await asAdministrator('person', 'approve', 'ben');
    assert.equal((await me(ben)).status, 'active');
  });

  it('link their account at the provider, and have robots for their projects', async () => {
    provider.setAccount({ id: '13', username: 'ada', name: 'Ada', email: 'ada@example.org', groups: [] });
    provider.signIn('ada');
    const asked = { provider: 'lab', returnTo: '/ui/profile' };
    const begun = Begun.parse(await ok(ada.change('POST', to('/v1/me/identities'), asked)));
    const callback = await ada.follow(begun.url, to('/login/callback'));
    assert.equal((await ada.request(callback)).headers.get('location'), '/ui/profile');
    const elsewhere = createTestBrowser();
    assert.equal(await visitProvider(elsewhere), '/ui/');
    assert.equal((await me(elsewhere)).name, 'ada', 'not a new account');

    await asAdministrator('project', 'create', 'lab');
    const robot = ['create', 'ci', '--project', 'lab', '--role', 'viewer', '--expires', '1h', '--quiet'];
    const token = (await asAdministrator('token', ...robot)).trim();
    const client = createClient({ url: longshore.url, token });
    assert.deepEqual((await client.call('listInstances')).value.items, []);
    await assert.rejects(client.call('listHosts'), { code: 'permission-denied' });
    await asAdministrator('token', 'revoke', 'ci', '--project', 'lab');
    await assert.rejects(client.call('listInstances'), { code: 'unauthenticated' });
  });

  it('log in while the provider is down', async () => {
    provider.setFault('discovery', { kind: 'silent' });
    provider.setFault('token', { kind: 'silent' });
    const again = createTestBrowser();
    await ok(again.change('POST', to('/v1/login'), { name: 'ada', password }));
    assert.equal((await me(ben)).status, 'active', 'who is in stays in');
    provider.setFault('discovery', null);
    provider.setFault('token', null);
  });

  it('log the command line in by approving its code', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'longshore-login-'));
    const env = { ...process.env, XDG_CONFIG_HOME: folder };
    const command = (...args: string[]) =>
      spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      const login = command('login', longshore.url);
      const ended = once(login, 'exit');
      const lines = createInterface({ input: login.stderr });
      const code = (async () => {
        for await (const line of lines) {
          const shown = /approve the code ([A-Z]{4}-[A-Z]{4})/.exec(line)?.[1];
          if (shown !== undefined) return shown;
        }
        throw new Error('the command showed no code');
      })();
      const path = to(`/v1/device-logins/${await code}`);
      assert.match(await (await fetch(to('/device'))).text(), /Code that the program shows/);
      await ok(ben.request(path));
      await ok(ben.change('POST', `${path}/approve`, {}));
      assert.deepEqual(await ended, [0, null]);
      const contexts = await readFile(join(folder, 'longshore', 'contexts.json'), 'utf8');
      const kept = z.object({ contexts: z.object({ default: z.object({ token: z.string() }) }) });
      const { token } = kept.parse(JSON.parse(contexts)).contexts.default;
      const { value } = await createClient({ url: longshore.url, token }).call('getMe');
      assert.equal(value.name, 'ben');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('make tokens of their own, and lose them and the sessions when they are blocked', async () => {
    const token = { name: 'laptop', scopes: ['*'] };
    const { secret } = Secret.parse(await ok(ben.change('POST', to('/v1/me/tokens'), token)));
    const client = createClient({ url: longshore.url, token: secret });
    const { value } = await client.call('getMe');
    assert.deepEqual([value.name, value.permissions.includes('hosts:read')], ['ben', false]);
    await ok(ada.change('POST', to(`/v1/people/${value.id}/block`), {}));
    await assert.rejects(client.call('getMe'), { code: 'unauthenticated' });
    assert.equal((await ben.request(to('/v1/me'))).status, 401);
    assert.equal(await visitProvider(ben), '/ui/login?error=permission-denied&next=%2Fui%2F');
  });
});
