import assert from 'node:assert/strict';
import { copyFile, glob, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@longshore/contract';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@longshore/store';
import { type LongshoreProcess, startLongshore, type TestHost } from '@longshore/testbed';
import { type Fleet, openFleet } from './open-fleet.ts';
import { untilTrue } from './until-true.ts';

const DAY_SECONDS = 86_400;
/** A day ahead, a day behind (two at once), and right again. */
const JUMPS = [DAY_SECONDS, -DAY_SECONDS, 0];

/** libfaketime of Debian's package `faketime`, in the build for programs with threads. */
async function findFakeTime(): Promise<string | undefined> {
  for await (const path of glob('/usr/lib/*/faketime/libfaketimeMT.so.1')) return path;
  return undefined;
}
const library = await findFakeTime();

describe('one server whose clock jumps by a day, beside one whose clock is right', {
  skip: library === undefined && "Debian's package faketime is missing: npm run testbed -- install",
}, () => {
  let folder: string;
  let clockFile: string;
  let postgres: EmbeddedPostgres;
  let jumping: Fleet;
  let right: LongshoreProcess;
  let hosts: readonly TestHost[];
  let image: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longshore-clock-'));
    clockFile = join(folder, 'clock');
    await setClock(0);
    postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') });
    const env = { DATABASE_URL: postgres.url };
    const faked = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: '1',
      // A clock that is set leaves the monotonic one alone: clock_gettime(2).
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    const dataDir = join(folder, 'jumping');
    jumping = await openFleet({ name: 'clock', lxd: 2, longshore: { dataDir, env: { ...env, ...faked } } });
    hosts = jumping.testbed.hosts;
    for (const host of hosts) {
      image = await host.importImage('busybox');
      await jumping.enrol(host);
    }
    const other = await mkdtemp(join(folder, 'right-'));
    await copyFile(join(dataDir, 'sealing-keys'), join(other, 'sealing-keys'));
    right = await startLongshore({ dataDir: other, env, token: jumping.longshore.token });
  });

  after(async () => {
    await right?.stop();
    await jumping?.close();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const setClock = (seconds: number) => writeFile(clockFile, `${seconds < 0 ? '' : '+'}${seconds}\n`);

  /** What the jumping server's replies are dated (RFC 9110, section 6.6.1), as a difference to now, in days. */
  async function clockIsOffByDays(): Promise<number> {
    const reply = await fetch(`${jumping.longshore.url}/healthz`);
    const at = new Date(reply.headers.get('date') ?? '').getTime();
    return Math.round((at - Date.now()) / (DAY_SECONDS * 1000));
  }

  async function jump(seconds: number): Promise<void> {
    await setClock(seconds);
    await untilTrue('the clock has jumped', async () => (await clockIsOffByDays()) * DAY_SECONDS === seconds);
  }

  async function metric(server: LongshoreProcess, name: string): Promise<number> {
    const reply = await fetch(`${server.url}/metrics`, {
      headers: { authorization: `Bearer ${server.token}` },
    });
    const text = await reply.text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    assert.ok(line !== undefined, `${name} is told`);
    return Number(line.slice(name.length + 1));
  }

  const liveSessions = () =>
    Promise.all(
      [jumping.longshore, right].map((server) => metric(server, 'longshore_host_sessions{state="live"}')),
    );
  const failures = () =>
    Promise.all(
      [jumping.longshore, right].map((server) => metric(server, 'longshore_host_session_failures_total')),
    );

  it('ends every operation in one run, jumps or not', async () => {
    const creations: Promise<unknown>[] = [];
    for (const [round, seconds] of JUMPS.entries()) {
      // The jump falls into the middle of these.
      for (const host of hosts) {
        const name = `r${round}-${host.name}`;
        creations.push(jumping.launch(name, { source: { image }, placement: { host: host.name } }));
      }
      await jump(seconds);
      await Promise.all(creations);
    }
    const { client } = jumping;
    const { value: page } = await client.call('listInstances', { query: {} });
    assert.deepEqual(
      page.items.map(({ name, status }) => [name, status]).sort(),
      JUMPS.flatMap((_, round) => hosts.map((host) => [`r${round}-${host.name}`, 'running'])).sort(),
    );
    const { value: operations } = await client.call('listOperations', { query: { limit: 100 } });
    assert.deepEqual(
      operations.items.filter(({ status, attempts }) => status !== 'succeeded' || attempts !== 1),
      [],
      'nothing was done twice',
    );
  });

  it('keeps the hosts shared out as they were', async () => {
    await untilTrue('the hosts are shared out', async () =>
      (await liveSessions()).every((sessions) => sessions === 1),
    );
    const [sessions, broken] = [await liveSessions(), await failures()];
    for (const [round, seconds] of JUMPS.entries()) {
      await jump(seconds);
      for (const host of hosts)
        await host.cli(['config', 'set', `r0-${host.name}`, 'user.round', String(round)]);
      for (const host of hosts) {
        await untilTrue(`round ${round} on ${host.name} is seen`, async () => {
          const { value } = await jumping.client.call('listInstances', {
            query: { filter: `name:r0-${host.name}` },
          });
          const id = value.items[0]?.id ?? '';
          const { value: one } = await jumping.client.call('getInstance', { params: { id } });
          return one.config['user.round'] === String(round);
        });
      }
    }
    assert.deepEqual([await liveSessions(), await failures()], [sessions, broken]);
  });

  it('judges the expiry of tokens by the database, not by its own clock', async () => {
    await jump(DAY_SECONDS);
    const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
    const make = async (name: string, expiresAt: string) =>
      (
        await jumping.client.call('createToken', {
          body: { name, scopes: ['server:read'], expiresAt },
        })
      ).value.secret;
    const use = (token: string) => createClient({ url: jumping.longshore.url, token }).call('getServer');
    const hour = await make('an hour', inSeconds(3600));
    await use(hour); // a day ahead, it looks long expired
    const soon = await make('soon', inSeconds(3));
    await jump(-DAY_SECONDS);
    await untilTrue('the short token is refused, though by this clock it is good for a day', async () => {
      await assert.rejects(use(soon), { code: 'unauthenticated' });
      return true;
    });
    await use(hour);
  });
});
