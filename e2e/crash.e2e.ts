import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { LongshoreError, type Operation } from '@longshore/contract';
import { startLongshore, type TestHost } from '@longshore/testbed';
import { databasePid } from './database-process.ts';
import { instancesOnHost } from './instances-on-host.ts';
import { type Fleet, fleetOf, openFleet } from './open-fleet.ts';
import { chooseSeed, seededRandom } from './seeded-random.ts';
import { untilTrue } from './until-true.ts';

const VICTIMS = ['server', 'database', 'both'] as const;
/** Kills after the first of each kind. */
const MORE_KILLS = 2;
/** The last kill happens when so many of the 50 operations have ended at most, so that it disturbs some. */
const LAST_KILL_AT = 44;
/** A kill falls into this time after the end of an operation. */
const WITHIN_MS = 1500;

/** What becomes of each instance: 26 creations, 12 moves and 12 deletions. */
const LIVES = Array.from({ length: 26 }, (_, index) => ({
  name: `c${index}`,
  home: index % 2,
  moves: index < 12,
  isDeleted: index >= 6 && index < 18,
}));

describe('kill -9 of server, database and both during 50 creations, moves and deletions', () => {
  let fleet: Fleet;
  let hosts: [TestHost, TestHost];
  let dataDir: string;
  let image: string;
  const outcomes: Operation[] = [];

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'longshore-crash-'));
    fleet = await openFleet({ name: 'crash', lxd: 2, longshore: { dataDir } });
    const [one, two] = fleet.testbed.hosts;
    assert.ok(one && two);
    hosts = [one, two];
    image = await one.importImage('busybox');
    await two.importImage('busybox');
    for (const host of hosts) await fleet.enrol(host);
  });

  after(async () => {
    await fleet?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Asks until there is an answer: a server that is down or without its database is what this is about. */
  async function insist<T>(what: string, ask: (now: Fleet) => Promise<T>): Promise<T> {
    let answer: { is: T } | undefined;
    let refusal: unknown;
    await untilTrue(
      `an answer to: ${what}`,
      async () => {
        try {
          answer = { is: await ask(fleet) };
        } catch (error) {
          if (error instanceof LongshoreError && error.code === 'unavailable') return false;
          refusal = error;
        }
        return true;
      },
      120_000,
    );
    if (answer === undefined) throw new Error(`${what} was refused`, { cause: refusal });
    return answer.is;
  }

  /** Sends a request under one key until it is acknowledged, and waits for the end of its operation. */
  async function perform(
    key: string,
    send: (now: Fleet) => Promise<{ value: { operation: Operation; instanceId?: string | undefined } }>,
  ): Promise<string | undefined> {
    const { value } = await insist(key, send);
    const { id } = value.operation;
    let last: Operation | undefined;
    await untilTrue(
      `${key} has ended`,
      async () => {
        const reply = await fleet.client.call('getOperation', { params: { id }, query: { waitSeconds: 5 } });
        last = reply.value;
        return last.endedAt !== null;
      },
      180_000,
    );
    assert.ok(last);
    outcomes.push(last);
    return value.instanceId;
  }

  async function live(life: (typeof LIVES)[number]): Promise<void> {
    const { name } = life;
    const [home, away] = [hosts[life.home], hosts[1 - life.home]];
    assert.ok(home && away);
    const id = await perform(`create ${name}`, ({ client }) =>
      client.call('createInstance', {
        body: { name, source: { image }, placement: { host: home.name }, start: false },
        idempotencyKey: `create-${name}`,
      }),
    );
    assert.ok(id);
    if (life.moves) {
      await perform(`move ${name}`, ({ client }) =>
        client.call('moveInstance', {
          params: { id },
          body: { placement: { host: away.name } },
          idempotencyKey: `move-${name}`,
        }),
      );
    }
    if (life.isDeleted) {
      await perform(`delete ${name}`, ({ client }) =>
        client.call('deleteInstance', { params: { id }, idempotencyKey: `delete-${name}` }),
      );
    }
  }

  async function kill(victim: (typeof VICTIMS)[number]): Promise<void> {
    const database = victim === 'server' ? undefined : await databasePid(dataDir);
    if (database !== undefined) process.kill(database, 'SIGKILL');
    if (victim === 'database') {
      await untilTrue('the database runs again', async () => (await databasePid(dataDir)) !== database);
      await insist('are you there', ({ client }) => client.call('getServer'));
      return;
    }
    await fleet.longshore.end('SIGKILL');
    const { token } = fleet.longshore;
    fleet = fleetOf(fleet.testbed, await startLongshore({ dataDir, token }));
  }

  it('ends every operation, and loses, doubles and forgets no instance', async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`LONGSHORE_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
    const waiting = [...LIVES];
    const workers = Array.from({ length: 6 }, async () => {
      for (let life = waiting.shift(); life !== undefined; life = waiting.shift()) await live(life);
    });
    const work = Promise.all(workers);
    const victims = [
      ...[...VICTIMS].sort(() => random() - 0.5),
      ...Array.from({ length: MORE_KILLS }, () => VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'both'),
    ];
    const moments = victims.map(() => Math.floor(random() * LAST_KILL_AT)).sort((a, b) => a - b);
    const kills = async () => {
      for (const [index, victim] of victims.entries()) {
        const moment = moments[index] ?? 0;
        await untilTrue(`${moment} operations have ended`, async () => outcomes.length >= moment, 240_000);
        await pause(random() * WITHIN_MS); // the random moment
        t.diagnostic(`kill -9 of ${victim} after ${outcomes.length} operations`);
        await kill(victim);
      }
    };
    await Promise.all([work, kills()]);

    assert.deepEqual(
      outcomes
        .filter(({ status }) => status !== 'succeeded')
        .map((one) => [one.action, one.target.name, one.failure]),
      [],
    );
    const { value: operations } = await fleet.client.call('listOperations', { query: { limit: 1000 } });
    assert.deepEqual(
      operations.items.filter(({ endedAt }) => endedAt === null),
      [],
    );
    assert.equal(
      operations.items.filter(({ action }) => action.startsWith('instance.')).length,
      50,
      'a repeated request makes no second operation',
    );
    const expected = LIVES.filter(({ isDeleted }) => !isDeleted)
      .map(({ name, home, moves }) => `${hosts[moves ? 1 - home : home]?.name}/${name}`)
      .sort();
    const onHosts = await Promise.all(
      hosts.map(async (host) =>
        (await instancesOnHost(host)).map(({ name, config }) => ({ at: `${host.name}/${name}`, config })),
      ),
    );
    assert.deepEqual(
      onHosts
        .flat()
        .map(({ at }) => at)
        .sort(),
      expected,
      'exactly one of each on the hosts',
    );
    assert.deepEqual(
      onHosts.flat().filter(({ config }) => config['user.longshore.move'] !== undefined),
      [],
      'no mark of a move is left',
    );
    await untilTrue('the API lists what the hosts have', async () => {
      const { value: page } = await fleet.client.call('listInstances', { query: { limit: 1000 } });
      const listed = page.items.map(
        (one) =>
          `${page.hosts[one.hostId]?.name}/${one.name}${one.status === 'stopped' ? '' : ` ${one.status}`}`,
      );
      assert.deepEqual(listed.sort(), expected);
      return true;
    });
  });
});
