/**
 * `npm run demo`: two real LXD hosts, Longshore over them, a container on each, one moved to the other. Keeps running until
 * Ctrl-C and leaves nothing behind. `--exit` ends after the table, for tests.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Client, createClient, LongshoreError, waitForOperation } from '@longshore/contract';
import { startLongshore } from '@longshore/testbed';
import { Listr } from 'listr2';
import { type DemoHost, startDemoHosts } from './demo-hosts.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });

const abort = new AbortController();
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      abort.abort(new Error('stopped'));
      resolve();
    });
  }
});

async function enrol(client: Client, host: DemoHost): Promise<void> {
  const { value } = await client.call('enrolHost', {
    body: { name: host.name, access: { by: 'token', token: await host.token(), url: host.url } },
  });
  await waitForOperation(client, value.operation.id, { signal: abort.signal });
}

async function launch(client: Client, name: string, host: string, image: string): Promise<string> {
  const { value } = await client.call('createInstance', {
    body: { name, source: { image }, placement: { host } },
  });
  await waitForOperation(client, value.operation.id, { signal: abort.signal });
  return value.instanceId;
}

const timings: [string, number][] = [];
/** What is to be taken down again, the last one first, and how it is called. */
const closers: (readonly [string, () => Promise<void>])[] = [];
/** Taking everything down takes about 2 s. */
const CLOSING_LIMIT_MS = 120_000;
const log = (line: string) =>
  void (process.env.LONGSHORE_LOG === 'debug' && process.stderr.write(`${line}\n`));

try {
  const context: {
    hosts?: Awaited<ReturnType<typeof startDemoHosts>>;
    longshore?: Awaited<ReturnType<typeof startLongshore>>;
    moved?: string;
  } = {};
  const hosts = () => must(context.hosts);
  const client = () =>
    createClient({ url: must(context.longshore).url, token: must(context.longshore).token });
  const step = (title: string, task: () => Promise<unknown>) => ({
    title,
    task: async () => {
      abort.signal.throwIfAborted();
      const started = performance.now();
      await task();
      timings.push([title, performance.now() - started]);
    },
  });
  await new Listr(
    [
      step('bring up two LXD hosts', async () => {
        context.hosts = await startDemoHosts(log, abort.signal);
        closers.push(['the hosts', hosts().close]);
      }),
      step('start Longshore with its PostgreSQL', async () => {
        context.longshore = await startLongshore();
        closers.push(['Longshore', must(context.longshore).stop]);
      }),
      step('enrol host1', () => enrol(client(), hosts().hosts[0])),
      step('enrol host2', () => enrol(client(), hosts().hosts[1])),
      step('launch container "anchor" on host1', async () => {
        context.moved = await launch(client(), 'anchor', hosts().hosts[0].name, hosts().image);
      }),
      step('launch container "buoy" on host2 (its image comes from host1)', () =>
        launch(client(), 'buoy', hosts().hosts[1].name, hosts().image),
      ),
      step('move "anchor" from host1 to host2', async () => {
        const { value } = await client().call('moveInstance', {
          params: { id: must(context.moved) },
          body: { placement: { host: hosts().hosts[1].name }, force: true },
        });
        await waitForOperation(client(), value.operation.id, { signal: abort.signal });
      }),
    ],
    {
      rendererOptions: {
        collapseErrors: false,
        timer: { condition: true, field: (ms: number) => `${(ms / 1000).toFixed(1)} s` },
      },
      fallbackRenderer: 'simple',
    },
  ).run();

  const { url, token } = must(context.longshore);
  if (!hosts().real) process.stdout.write(`\nThese hosts are SIMULATED: ${hosts().reason}.\n`);
  process.stdout.write('\n$ longshore list\n');
  spawnSync(process.execPath, [join(ROOT, 'apps/cli/src/main.ts'), 'list'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, LONGSHORE_URL: url, LONGSHORE_TOKEN: token },
  });
  process.stdout.write('\n');
  for (const [title, ms] of timings)
    process.stdout.write(`${(ms / 1000).toFixed(2).padStart(7)} s  ${title}\n`);
  process.stdout.write(`\nLongshore runs at ${url} (in the browser; its API is described at ${url}/docs)\n`);
  process.stdout.write(`  export LONGSHORE_URL=${url} LONGSHORE_TOKEN=${token}\n  bin/longshore host list\n`);
  if (!values.exit) {
    process.stdout.write('\nCtrl-C ends it and leaves nothing behind.\n');
    await interrupted;
    process.stdout.write('\nTaking everything down …\n');
  }
} catch (error) {
  if (!abort.signal.aborted) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof LongshoreError && error.hint !== undefined)
      process.stderr.write(`      ${error.hint}\n`);
    process.exitCode = 1;
  }
} finally {
  for (const [what, close] of closers.reverse()) await takeDown(what, close);
}
process.exit();

/** One that fails or hangs does not keep the others standing, and is told by its name. */
async function takeDown(what: string, close: () => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const late = pause(CLOSING_LIMIT_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
    throw new Error(`not down after ${CLOSING_LIMIT_MS / 1000} s`);
  });
  late.catch(() => undefined); // called off
  try {
    await Promise.race([close(), late]);
  } catch (error) {
    process.stderr.write(
      `demo: could not take ${what} down: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  } finally {
    limit.abort();
  }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a step before this one did not end');
  return value;
}
