import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient, NewToken, waitForOperation } from '@longshore/contract';
import { createTestBrowser, openTestbed, startLongshore } from '@longshore/testbed';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { enrolAll } from './enrol-all.ts';

const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 5;
/** A public key like any other; nobody has the private one. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl bench';
const password = 'correct horse battery';

/** How long somebody who has left a project can still log in to its instances. */
export const keyRemoval: Bench = {
  name: 'key-removal',
  measures: 'a membership that ends, until the key is gone from a running instance on a real host',
  async run({ quick, log, signal }) {
    await using testbed = await openTestbed({ name: 'bkeys', lxd: 1, trust: false, storage: 'dir', signal });
    const [host] = testbed.hosts;
    if (host === undefined) throw new Error('the testbed has no host');
    const image = await host.importImage('busybox');
    const longshore = await startLongshore();
    try {
      const client = createClient({ url: longshore.url, token: longshore.token });
      const token = await host.token('longshore');
      await enrolAll(client, [{ name: host.name, url: host.url, token }], signal);
      await furnish(client, longshore.url);
      const { value } = await client.call('createInstance', {
        body: { name: 'box', project: 'lab', source: { image } },
      });
      await waitForOperation(client, value.operation.id, { signal });
      const pool = join(dirname(host.socketPath), 'storage-pools', 'default', 'containers');
      const file = join(pool, 'box', 'rootfs', 'root', '.ssh', 'authorized_keys');
      const until = async (present: boolean): Promise<number> => {
        const started = performance.now();
        while ((await hasKey(file)) !== present) {
          signal.throwIfAborted();
          const ms = performance.now() - started;
          if (ms > LIMIT_MS)
            throw new Error(`the key did not ${present ? 'come' : 'go'} within ${LIMIT_MS / 1000} s`);
          await pause(LOOK_EVERY_MS);
        }
        return performance.now() - started;
      };
      const came: number[] = [];
      const left: number[] = [];
      const rounds = quick ? 8 : 60;
      for (let round = -2; round < rounds; round += 1) {
        const { value: member } = await client.call('addMember', {
          params: { id: 'lab' },
          body: { subject: { kind: 'person', name: 'anna' }, role: 'operator' },
        });
        const coming = await until(true);
        await pause(100 + ((round * 37) % 200), undefined, { signal });
        await client.call('removeMember', { params: { id: 'lab', binding: member.id } });
        const leaving = await until(false);
        await pause(100, undefined, { signal });
        if (round < 0) continue;
        came.push(coming);
        left.push(leaving);
      }
      log(`${rounds} memberships were given and ended`);
      const { median, p95 } = statisticsOf(left);
      const result = (metric: string, ours: number) => ({
        metric,
        unit: 'ms',
        ours,
        peer: null,
        ratio: null,
        reach: '<= 5 s',
        met: ours <= 5000,
      });
      return {
        bench: 'key-removal',
        series: [
          { name: 'key gone after the membership', unit: 'ms', values: left },
          { name: 'key there after the role was given', unit: 'ms', values: came },
        ],
        results: [result('key gone, median', median), result('key gone, p95', p95)],
        notes: [
          "From the answer to the request until root's authorized_keys in the container's own file system is without the key.",
          'There is no peer: the ancestor never took a key away.',
        ],
      };
    } finally {
      await longshore.stop();
    }
  },
};

async function furnish(client: Client, url: string): Promise<void> {
  await client.call('createPerson', { body: { name: 'anna', displayName: 'Anna', password } });
  await client.call('createProject', { body: { name: 'lab' } });
  const browser = createTestBrowser();
  const login = await browser.change('POST', `${url}/v1/login`, { name: 'anna', password });
  if (login.status !== 200) throw new Error(`anna cannot log in: ${login.status}`);
  const made = await browser.change('POST', `${url}/v1/me/tokens`, { name: randomUUID(), scopes: ['*'] });
  const anna = createClient({ url, token: NewToken.parse(await made.json()).secret });
  await anna.call('addMySshKey', { body: { key: KEY } });
}

async function hasKey(file: string): Promise<boolean> {
  try {
    return (await readFile(file, 'utf8')).includes('longshore:anna');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
