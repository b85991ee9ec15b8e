import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Host, InstancePage, Operation, pageOf } from '@longshore/contract';
import {
  type LongshoreProcess,
  type SimulatedFleet,
  startIdentityProvider,
  startLongshore,
  startSimulatedHosts,
} from '@longshore/testbed';
import { type MemoryOptions, type Outcome, runInMemory } from './testing/memory-io.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** Over two hosts more than one page of the list (1000). */
const INSTANCES_PER_HOST = 505;
const WAIT_LIMIT_MS = 30_000;
const RAW_CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let folder = '';
let fleet: SimulatedFleet;
let server: LongshoreProcess;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-cli-'));
  fleet = await startSimulatedHosts({ count: 2, instancesPerHost: INSTANCES_PER_HOST });
  server = await startLongshore({ env: { LONGSHORE_LOG: 'warn' } });
});

const children = new Set<ChildProcess>();

after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server?.stop();
  await fleet?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command line with the context that the first test makes. */
function longshore(argv: readonly string[], options: MemoryOptions = {}): Promise<Outcome> {
  return runInMemory(argv, { ...options, env: { XDG_CONFIG_HOME: folder, ...options.env } });
}

async function succeeds(argv: readonly string[], options: MemoryOptions = {}): Promise<Outcome> {
  const outcome = await longshore(argv, options);
  assert.equal(outcome.exit, 0, `longshore ${argv.join(' ')}\n${outcome.out}${outcome.err}`);
  return outcome;
}

/** Runs a command line again until its output fits. */
async function untilFits(argv: readonly string[], fits: RegExp): Promise<Outcome> {
  const deadline = performance.now() + WAIT_LIMIT_MS;
  for (;;) {
    const outcome = await longshore(argv);
    if (fits.test(outcome.out)) return outcome;
    assert.ok(
      performance.now() < deadline,
      `longshore ${argv.join(' ')} never fitted ${fits}:\n${outcome.out}`,
    );
    await pause(100);
  }
}

function host(at: number) {
  const found = fleet.hosts[at];
  assert.ok(found !== undefined);
  return found;
}

/** The command as a process of its own. */
function start(argv: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { ...process.env, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, err: () => err };
}

describe('the command against a server', () => {
  it("keeps the administrator's token of the set-up link as the current context", async () => {
    const link = /"setupUrl":"([^"]+)"/.exec(server.output())?.[1];
    assert.ok(link !== undefined);
    await succeeds(['setup', link, '--name', 'test']);
    assert.equal((await stat(join(folder, 'longshore/contexts.json'))).mode & 0o777, 0o600);
    assert.match((await succeeds(['server', 'show'])).out, /Permits: .*instances:write/);
    assert.equal((await longshore(['setup', link])).exit, 4, 'a link works once');
    assert.equal((await longshore(['list'], { env: { LONGSHORE_TOKEN: 'lsh_wrong' } })).exit, 4);
  });

  it('looks at a host, enrols it by token, and lists it', async () => {
    const probe = await succeeds(['host', 'probe', host(0).url]);
    assert.ok(probe.out.includes(host(0).fingerprint));
    const trusted = ['host', 'enrol', host(0).url, '--trusted', '--fingerprint', host(0).fingerprint];
    const refused = await longshore([...trusted, '--json']);
    assert.equal(refused.exit, 1);
    assert.equal(JSON.parse(refused.err).code, 'trust-missing');
    await succeeds(['host', 'enrol', '--token', '-', '--name', 'a', '--label', 'site=north'], {
      stdin: `Client longshore certificate add token:\n${host(0).token('longshore')}\n`,
    });
    await succeeds(['host', 'enrol', '--token', host(1).token('longshore'), '--name', 'b', '--quiet']);
    assert.match(
      (await succeeds(['host', 'list'])).out,
      /^NAME +KIND.*\na +lxd .*online.*site=north\nb +lxd /,
    );
    const json: unknown = JSON.parse((await succeeds(['host', 'list', '--json'])).out);
    assert.equal(pageOf(Host).parse(json).items.length, 2);
    assert.equal((await longshore(['host', 'show', 'c'])).exit, 3);
  });

  it('lists all pages as a table, as the API has them, or by name', async () => {
    const all = 2 * INSTANCES_PER_HOST;
    await untilFits(
      ['host', 'list', '--columns', 'running', '--no-header'],
      new RegExp(`of ${all / 2}\n.*of ${all / 2}\n`),
    );
    const table = (await succeeds(['list', '--no-header'])).out.trimEnd().split('\n');
    assert.equal(table.length, all);
    const page = InstancePage.parse(JSON.parse((await succeeds(['list', '--json'])).out));
    assert.equal(page.items.length, all);
    assert.equal(page.next, null);
    assert.deepEqual(
      Object.values(page.hosts)
        .map(({ name }) => name)
        .sort(),
      ['a', 'b'],
    );
    const some = await succeeds(['list', '--filter', 'host:b', '--sort', '-name', '--limit', '3', '--quiet']);
    assert.equal(some.out.trimEnd().split('\n').length, 3);
    assert.match((await succeeds(['list', '--limit', '3'])).err, new RegExp(`the first 3 of ${all}`));
    assert.equal((await longshore(['list', '--filter', 'nope:x'])).exit, 2);
  });

  it('launches, moves, stops and deletes an instance, and shows where it is', async () => {
    const launched = await succeeds([
      'launch',
      'bb',
      'web1',
      '--host',
      'a',
      '--label',
      'env=test',
      '--cpu',
      '2',
    ]);
    assert.match(launched.err, /launch web1: running on a/);
    assert.match((await succeeds(['move', 'web1', '--host', 'b'])).err, /move web1: running on b/);
    const shown = (await succeeds(['show', 'web1'])).out;
    for (const line of [/^Host: +b$/m, /^Status: +running$/m, /^CPU: +2$/m, /^Labels: +env=test$/m])
      assert.match(shown, line);
    const taken = await longshore(['launch', 'bb', 'web1']);
    assert.equal(taken.exit, 5);
    const failed = await longshore(['launch', 'no-such-image', 'web2', '--host', 'a']);
    assert.equal(failed.exit, 1);
    assert.match(failed.err, /longshore operation show/);
    assert.equal((await longshore(['instance', 'rename', 'web1', 'web9'])).exit, 5, 'it runs');
    const stopped = Operation.parse(
      JSON.parse((await succeeds(['stop', 'b/web1', '--force', '--json'])).out),
    );
    assert.equal(stopped.status, 'succeeded');
    await succeeds(['instance', 'protect', 'web1']);
    assert.equal((await longshore(['delete', 'web1'])).exit, 5);
    await succeeds(['instance', 'unprotect', 'web1']);
    assert.equal((await succeeds(['delete', 'web1', '--quiet'])).out, 'web1\n');
    assert.equal((await longshore(['show', 'web1'])).exit, 3);
  });

  it('changes configuration, labels and snapshots', async () => {
    await succeeds(['create', 'bb', 'db1', '--host', 'a']);
    await succeeds(['create', 'bb', 'db2', '--host', 'b']);
    await succeeds(['instance', 'configure', 'db1', '--set', 'user.note=x=y', '--memory', '1GiB']);
    await succeeds(['instance', 'label', 'db1', '--set', 'env=live', '--set', 'tier=db']);
    await succeeds(['instance', 'label', 'db1', '--remove', 'tier']);
    await succeeds(['instance', 'snapshot', 'create', 'db1', '--name', 's1', '--expires', '7d']);
    const shown = (await succeeds(['show', 'db1'])).out;
    for (const line of [/^Memory: +1GiB$/m, /^Labels: +env=live$/m, /user\.note: +x=y$/m, /^ +s1 /m])
      assert.match(shown, line);
    await succeeds(['instance', 'snapshot', 'restore', 'db1', 's1', '--yes']);
    await succeeds(['instance', 'snapshot', 'delete', 'db1', 's1']);
    assert.match((await succeeds(['instance', 'snapshot', 'list', 'db1'])).err, /db1 has no snapshots/);
  });

  it('wants a host where a name stands twice', async () => {
    host(0).createBehind('twin');
    host(1).createBehind('twin');
    await untilFits(['list', '--filter', 'name:twin', '--quiet'], /^[ab]\/twin\n[ab]\/twin\n$/);
    const ambiguous = await longshore(['instance', 'claim', 'twin']);
    assert.equal(ambiguous.exit, 2);
    assert.match(ambiguous.err, /fits 2 instances:\n {2}[ab]\/twin .*\n {2}[ab]\/twin /);
    await succeeds(['instance', 'claim', 'a/twin']);
    assert.match((await succeeds(['show', 'a/twin'])).out, /^Claimed: +yes$/m);
    assert.equal((await longshore(['instance', 'claim', 'b/twin'])).exit, 5, 'the name is taken now');
  });

  it('acts on many after confirmation and tells the result of each', async () => {
    const chosen = ['--filter', 'name:twin,db2 claimed:true'];
    const unasked = await longshore(['start', ...chosen]);
    assert.equal(unasked.exit, 2);
    assert.match(unasked.err, /a\/twin \(stopped\)/);
    const started = await succeeds(['start', ...chosen, '--yes']);
    assert.match(started.out, /^INSTANCE +RESULT +REASON\ndb2 +succeeded +-\ntwin +succeeded +-\n$/);
    await succeeds(['instance', 'protect', 'db2']);
    const deleted = await longshore(['delete', 'a/twin', 'b/db2', '--force', '--yes']);
    assert.equal(deleted.exit, 1);
    assert.match(deleted.out, /db2 +failed +.*protected.*\ntwin +succeeded/);
    const { out } = await succeeds([
      'operation',
      'list',
      '--filter',
      'action:bulk',
      '--limit',
      '1',
      '--json',
    ]);
    assert.deepEqual(pageOf(Operation).parse(JSON.parse(out)).items[0]?.items, {
      total: 2,
      succeeded: 1,
      failed: 1,
      cancelled: 0,
    });
  });

  it('need not wait, gives up waiting, and can be interrupted, while the operation goes on', async () => {
    const accepted = await succeeds(['start', 'db1', '--no-wait', '--quiet']);
    await succeeds(['operation', 'follow', accepted.out.trim()]);
    host(0).setLatency(1500);
    const late = await longshore(['stop', 'db1', '--force', '--timeout', '1', '--json']);
    assert.equal(late.exit, 7);
    const id = /[0-9a-f-]{36}/.exec(JSON.parse(late.err).detail)?.[0] ?? '';
    await succeeds(['operation', 'wait', id]);

    const interrupt = new AbortController();
    const waiting = longshore(['start', 'db1'], { interrupt });
    await untilFits(['operation', 'list', '--filter', 'status:queued,running', '--quiet'], /./);
    interrupt.abort();
    const stopped = await waiting;
    assert.equal(stopped.exit, 130);
    assert.match(
      stopped.err,
      /operation [0-9a-f-]{36} goes on\.\nHint: Follow with `longshore operation follow/,
    );
    host(0).setLatency(0);
    await untilFits(['list', '--filter', 'name:db1'], /db1 +a +running/);
  });

  it('ends by Ctrl-C with 130 while following events, which it prints as they come', async () => {
    const { child, ended } = start(['event', 'follow', '--type', 'instance.changed', '--json']);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    // Until the stream is open nothing comes; each change makes a new event.
    const deadline = performance.now() + WAIT_LIMIT_MS;
    for (let count = 0; !printed.includes('\n'); count += 1) {
      assert.ok(performance.now() < deadline, 'no event was printed');
      await succeeds(['instance', 'label', 'db1', '--set', `n=${count}`]);
      await pause(100);
    }
    assert.equal(JSON.parse(printed.slice(0, printed.indexOf('\n'))).type, 'instance.changed');
    child.kill('SIGINT');
    assert.equal(await ended, 130);
  });

  it('ends quietly when its reader has read enough', async () => {
    const { child, ended, err } = start(['list']);
    child.stdout.once('data', () => child.stdout.destroy());
    assert.equal(await ended, 0);
    assert.equal(err(), '');
  });

  it('never passes on what a host sends to control the terminal', async () => {
    host(0).changeBehind('db1', {
      description: 'nice\x1b]0;owned\x07\u202e',
      config: { 'image.description': 'img\x1b[2J\u009b', 'user.x\x1b[1m': 'line\n\x1b[31mtwo' },
    });
    await untilFits(['list', '--filter', 'name:db1'], /img\\x1b\[2J\\x9b/);
    for (const form of [[], ['--json'], ['--yaml'], ['--quiet']]) {
      for (const argv of [
        ['list', '--filter', 'name:db1', ...form],
        ['show', 'db1', ...form],
      ]) {
        const { out } = await succeeds(argv, { columns: 60, env: { NO_COLOR: '1' } });
        assert.doesNotMatch(out.replaceAll('\n', ''), RAW_CONTROL, argv.join(' '));
      }
    }
  });

  it('completes names that the server knows', async () => {
    assert.match((await succeeds(['__complete', '--', 'host', 'show', ''])).out, /^a\t\nb\t\n$/);
    const { out } = await longshore(['__complete', '--', 'show', 'x'], {
      env: { LONGSHORE_TOKEN: 'lsh_no' },
    });
    assert.equal(out, '');
  });

  it('makes tokens, of which the secret is shown once, and revokes them', async () => {
    const { out } = await succeeds([
      'token',
      'create',
      'ci',
      '--scope',
      'hosts:read',
      '--expires',
      '1h',
      '-q',
    ]);
    const env = { LONGSHORE_TOKEN: out.trim() };
    assert.equal((await longshore(['host', 'list'], { env })).exit, 0);
    const denied = await longshore(['launch', 'bb', 'x1'], { env });
    assert.equal(denied.exit, 4);
    assert.doesNotMatch((await succeeds(['token', 'list'])).out, new RegExp(out.trim()));
    await succeeds(['token', 'revoke', 'ci']);
    assert.equal((await longshore(['host', 'list'], { env })).exit, 4);
  });

  it('makes robots of a project, and narrows an own token to it', async () => {
    await succeeds(['project', 'create', 'lab']);
    const { out } = await succeeds(['token', 'create', 'robot', '-p', 'lab', '--role', 'viewer', '-q']);
    const env = { LONGSHORE_TOKEN: out.trim() };
    assert.equal((await longshore(['list'], { env })).exit, 0);
    assert.equal((await longshore(['host', 'list'], { env })).exit, 4);
    assert.match(
      (await succeeds(['token', 'list', '--project', 'lab'])).out,
      /robot +lab:viewer .*127\.0\.0\.1/,
    );
    assert.match((await succeeds(['project', 'members', 'lab'])).out, /robot/);
    await succeeds(['token', 'revoke', 'robot', '--project', 'lab']);
    assert.equal((await longshore(['list'], { env })).exit, 4);
    assert.equal((await longshore(['token', 'create', 'none'])).exit, 2);
    assert.equal((await longshore(['token', 'create', 'none', '--project', 'lab'])).exit, 2);
  });

  it('sets identity providers up, with the secret from standard input, and tests them', async () => {
    const provider = await startIdentityProvider([`${server.url}/login/callback`], []);
    try {
      const args = ['--issuer', provider.issuer, '--client-id', provider.clientId, '--kind', 'gitlab'];
      await succeeds(['identity-provider', 'add', 'lab', ...args], { stdin: `${provider.clientSecret}\n` });
      assert.match((await succeeds(['identity-provider', 'list'])).out, /lab +GitLab +gitlab .*enabled/);
      assert.match((await succeeds(['identity-provider', 'test', 'lab'])).out, /it can be used/);
      await succeeds(['identity-provider', 'edit', 'lab', '--new-secret'], { stdin: 'wrong' });
      const failed = await longshore(['identity-provider', 'test', 'lab']);
      assert.equal(failed.exit, 1);
      assert.match(failed.out, /invalid_client/);
      await succeeds(['identity-provider', 'remove', 'lab', '--yes']);
    } finally {
      await provider.close();
    }
  });

  it('shows what an instance and its host use', async () => {
    await untilFits(['instance', 'use', 'db1'], /^Memory: .*\d/m);
    assert.equal((await succeeds(['host', 'use', 'a', '--json'])).exit, 0);
    assert.match((await succeeds(['instance', 'log', 'list', 'db1'])).out, /console/);
  });

  it('shows the last known state with its age when a host is unreachable', async () => {
    await host(1).stop();
    await untilFits(['list', '--filter', 'name:db2'], /running \(host unreachable, seen \d+s ago\)/);
    assert.match((await succeeds(['host', 'list'])).out, /\nb .*unreachable \(seen \d+s ago\)/);
  });
});
