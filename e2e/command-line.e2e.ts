import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { routes } from '@longshore/contract';
import type { TestHost } from '@longshore/testbed';
import { z } from 'zod';
import { type Fleet, openFleet } from './open-fleet.ts';

const COMMAND = fileURLToPath(new URL('../bin/longshore', import.meta.url));
const ProblemDocument = z.looseObject({ code: z.string(), detail: z.string() });

describe('the command line on two real hosts', () => {
  let fleet: Fleet;
  let hosts: [TestHost, TestHost];
  let image: string;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-cli-'));
    fleet = await openFleet({ name: 'cli', lxd: 2 });
    const [one, two] = fleet.testbed.hosts;
    assert.ok(one && two);
    hosts = [one, two];
    image = await one.importImage('busybox');
  });

  after(async () => {
    await fleet?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs `longshore` as a person in another folder would, and tells how it ended. */
  async function longshore(
    args: readonly string[],
    options: { input?: string; env?: NodeJS.ProcessEnv } = {},
  ) {
    const child = spawn(COMMAND, args, {
      cwd: folder,
      env: {
        ...process.env,
        XDG_CONFIG_HOME: folder,
        LONGSHORE_URL: fleet.longshore.url,
        LONGSHORE_TOKEN: fleet.longshore.token,
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(options.input ?? '');
    const ended = once(child, 'exit');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code]: unknown[] = await ended;
    return { code, stdout, stderr };
  }

  /** The standard output of a command that has to succeed. */
  async function succeeds(args: readonly string[], options: { input?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await longshore(args, options);
    assert.equal(code, 0, `longshore ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  it('enrols hosts by token from standard input', async () => {
    for (const host of hosts) {
      const input = await host.token('longshore');
      await succeeds(['host', 'enrol', '--token', '-', '--url', host.url, '--name', host.name], { input });
    }
    const names = await succeeds(['host', 'list', '--quiet']);
    assert.deepEqual(names.trim().split('\n').sort(), hosts.map(({ name }) => name).sort());
  });

  it('launches, lists for people and for programs, stops and moves', async () => {
    const [one, two] = hosts;
    await succeeds(['launch', image, 'web', '--host', one.name, '--label', 'env=lab']);
    assert.match(await succeeds(['list']), /web\s.*host1\s.*running/i);
    const listed = routes.listInstances.reply.parse(JSON.parse(await succeeds(['list', '--json'])));
    const [web] = listed.items;
    assert.deepEqual([web?.name, web?.status, web?.labels], ['web', 'running', { env: 'lab' }]);
    await succeeds(['stop', 'web', '--force']);
    await succeeds(['move', `${one.name}/web`, '--host', two.name]);
    assert.match(await two.cli(['list', '--format', 'csv', '--columns', 'ns']), /^web,STOPPED$/m);
    const shown = routes.getInstance.reply.parse(JSON.parse(await succeeds(['show', 'web', '--json'])));
    assert.equal(shown.host.name, two.name);
    await succeeds(['start', 'web']);
    assert.equal(
      (await succeeds(['list', '--quiet', '--filter', `host:${two.name} status:running`])).trim(),
      'web',
    );
  });

  it('ends with an exit code that says what was wrong, and with a problem document for programs', async () => {
    const cases: readonly (readonly [number, string | null, readonly string[], NodeJS.ProcessEnv?])[] = [
      [2, null, ['list', '--no-such-option']],
      [2, 'bad-filter', ['list', '--filter', 'colour:blue']],
      [3, 'not-found', ['stop', 'nowhere']],
      [4, 'unauthenticated', ['list'], { LONGSHORE_TOKEN: `lsh_${'x'.repeat(43)}` }],
      [5, 'name-taken', ['create', image, 'web', '--host', hosts[1].name]],
      [1, 'image-not-found', ['create', 'no-such-image', 'other', '--host', hosts[1].name]],
      [6, 'unavailable', ['list'], { LONGSHORE_URL: 'http://127.0.0.1:9' }],
    ];
    for (const [exit, code, args, env = {}] of cases) {
      const { code: ended, stdout, stderr } = await longshore([...args, '--json'], { env });
      assert.equal(ended, exit, `longshore ${args.join(' ')}: ${stderr}`);
      assert.equal(stdout.trim(), '', 'errors do not go to standard output');
      if (code === null) continue;
      assert.equal(ProblemDocument.parse(JSON.parse(stderr)).code, code);
    }
  });

  it('deletes, and leaves nothing', async () => {
    await succeeds(['delete', 'web', '--force', '--yes']);
    assert.equal((await succeeds(['list', '--quiet'])).trim(), '');
    assert.equal((await hosts[1].cli(['list', '--format', 'csv'])).trim(), '');
  });
});
