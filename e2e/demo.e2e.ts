import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@longshore/contract';
import { findLeftovers, sweepTestbeds } from '@longshore/testbed';
import { untilTrue } from './until-true.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** On a machine that has all it installs, the demo takes about 20 s. */
const LIMIT_MS = 180_000;

describe('npm run demo', () => {
  let temporary: string;
  let demo: ChildProcess;
  let output = '';

  before(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'demo-'));
    // As npm does it, and in a process group of its own, for a terminal's Ctrl-C goes to the whole group.
    demo = spawn('node', [join(ROOT, 'tools/bootstrap.mjs'), join(ROOT, 'tools/src/demo/main.ts')], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [demo.stdout, demo.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
  });

  after(async () => {
    if (demo.exitCode === null && demo.signalCode === null) {
      const ended = once(demo, 'exit');
      interrupt('SIGKILL');
      await ended;
      await sweepTestbeds();
    }
    await rm(temporary, { recursive: true, force: true });
  });

  function interrupt(signal: NodeJS.Signals): void {
    assert.ok(demo.pid);
    process.kill(-demo.pid, signal);
  }

  it('brings up two real hosts, launches and moves, shows the fleet, and answers at its URL', async () => {
    await untilTrue(
      'the demo is complete',
      async () => {
        assert.ok(demo.exitCode === null, output);
        return output.includes('Ctrl-C ends it');
      },
      LIMIT_MS,
    );
    const url = /LONGSHORE_URL=(\S+)/.exec(output)?.[1] ?? '';
    const token = /LONGSHORE_TOKEN=(\S+)/.exec(output)?.[1] ?? '';
    const { value } = await createClient({ url, token }).call('listInstances', {});
    assert.deepEqual(value.items.map((one) => [one.name, value.hosts[one.hostId]?.name, one.status]).sort(), [
      ['anchor', 'host2', 'running'],
      ['buoy', 'host2', 'running'],
    ]);
    assert.doesNotMatch(output, /SIMULATED/);
    assert.match(output, /anchor\s.*host2[\s\S]*\d+\.\d\d s {2}move "anchor"/);
    assert.equal((await fetch(`${url}/docs`)).status, 200);
  });

  it('ends at Ctrl-C and leaves nothing behind', async () => {
    interrupt('SIGINT');
    await untilTrue('the demo has ended', async () => demo.exitCode !== null, LIMIT_MS).catch(
      async (error: unknown) => {
        throw new Error(`${output}\n${await processesOfGroup(demo.pid)}`, { cause: error });
      },
    );
    assert.equal(demo.exitCode, 0, output);
    assert.deepEqual(await findLeftovers('demo'), []);
    assert.deepEqual(
      (await readdir(temporary)).filter((name) => !name.includes('compile-cache')),
      [],
      'no temporary data is left',
    );
  });
});

/** What a demo that does not end is doing: its processes and where in the kernel they wait. */
async function processesOfGroup(group: number | undefined): Promise<string> {
  const all = await promisify(execFile)('ps', ['-eo', 'pgid,pid,ppid,stat,wchan:30,args']);
  return all.stdout
    .split('\n')
    .filter((line) => line.includes('PGID') || line.trim().startsWith(`${group} `) || / D/.test(line))
    .join('\n');
}
