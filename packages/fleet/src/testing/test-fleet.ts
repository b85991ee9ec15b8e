import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '@longshore/contract';
import {
  createJobs,
  createSealer,
  type JobsOptions,
  type Log,
  readMigrations,
  silentLog,
} from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import { type SimulatedFleet, type SimulatedHostsOptions, startSimulatedHosts } from '@longshore/testbed';
import { createFleetContext, type FleetContext } from '../fleet-context.ts';
import { OPERATION_JOB } from '../operations/accept.ts';
import type { AnyOperationHandler } from '../operations/handler.ts';
import { createOperationsEngine } from '../operations/operations-engine.ts';
import { waitOperation } from '../operations/wait-operation.ts';

/** The part of node:test's context that clears up. */
export interface TestScope {
  after(fn: () => Promise<void>): unknown;
}

/** What a test's fleet is made of. */
export type TestFleetOptions = Partial<SimulatedHostsOptions> & {
  readonly log?: Log;
};

/** A worker of the test's fleet. */
export type TestWorker = { readonly context: FleetContext; stop(limitMs?: number): Promise<void> };

/** A fleet of simulated hosts, all enrolled and online, on a database of its own. */
export type TestFleet = {
  readonly context: FleetContext;
  readonly simulated: SimulatedFleet;
  /** Identifiers of the hosts, in the order of `simulated.hosts`. */
  readonly hostIds: readonly string[];
  /** Runs operations with these handlers, until the test ends or `stop`. */
  work(handlers: readonly AnyOperationHandler[], jobs?: Partial<JobsOptions>): Promise<TestWorker>;
  /** Waits for the end of an operation; fails the test when it has none within 30 s. */
  ended(operation: Pick<Operation, 'id'>): Promise<Operation>;
};

/** Where the room's and its neighbours' migrations are. */
const eventsMigrations = new URL('../../../events/migrations/', import.meta.url);
const fleetMigrations = new URL('../../migrations/', import.meta.url);

/** Makes a fleet for one test. No sync session runs; `refreshInstance` and handlers read the hosts themselves. */
export async function openTestFleet(test: TestScope, options: TestFleetOptions = {}): Promise<TestFleet> {
  // The last opened is the first closed; node:test would do it the other way round.
  const closers: (() => Promise<void>)[] = [];
  const scope: TestScope = { after: (close) => closers.unshift(close) };
  test.after(async () => {
    for (const close of closers) await close();
  });
  const { log = silentLog, ...simulation } = options;
  const migrations = [
    await readMigrations('events', eventsMigrations),
    await readMigrations('fleet', fleetMigrations),
  ];
  const database = await testDatabase(scope, { migrations, poolSize: 20 });
  const dataDir = await mkdtemp(join(tmpdir(), 'longshore-fleet-'));
  scope.after(() => rm(dataDir, { recursive: true, force: true }));
  const key = { id: 'test', key: randomBytes(32) };
  const sealer = createSealer({ keys: [key], active: key.id });
  const newContext = (): FleetContext => {
    const context = createFleetContext({
      store: database.store,
      sealer,
      log,
      dataDir,
      workerId: `test-${randomUUID().slice(0, 8)}`,
    });
    scope.after(() => context.connections.close());
    return context;
  };
  const context = newContext();
  const { certificatePem } = await context.installation();
  const simulated = await startSimulatedHosts({
    count: 1,
    instancesPerHost: 0,
    trusted: [{ cert: certificatePem }],
    ...simulation,
  });
  scope.after(() => simulated.close());
  const hostIds = await Promise.all(simulated.hosts.map((host) => enrol(context, host)));

  return {
    context,
    simulated,
    hostIds,
    async work(handlers, jobOptions = {}) {
      const own = newContext();
      const engine = createOperationsEngine(own, handlers);
      const jobs = createJobs(database.store, {
        handlers: { [OPERATION_JOB]: engine.job },
        concurrency: 16,
        workerId: own.workerId,
        log,
        ...jobOptions,
      });
      await engine.start();
      await jobs.start();
      const stop = async (limitMs?: number): Promise<void> => {
        await jobs.stop(limitMs);
        engine.stop();
      };
      scope.after(() => stop(0));
      return { context: own, stop };
    },
    async ended({ id }) {
      const operation = await waitOperation(context, id, 30);
      if (operation.endedAt === null) {
        throw new Error(`operation ${operation.action} did not end: ${JSON.stringify(operation)}`);
      }
      return operation;
    },
  };
}

async function enrol(context: FleetContext, host: SimulatedFleet['hosts'][number]): Promise<string> {
  const id = randomUUID();
  await context.store.db
    .insertInto('hosts')
    .values({
      id,
      name: host.name,
      kind: host.kind,
      url: host.url,
      fingerprint: host.fingerprint,
      created_by: 'test',
      status: 'online',
      architectures: JSON.stringify(['x86_64']),
      driver: 'lxc | qemu',
      extensions: JSON.stringify(['instance_get_full', 'cloud_init']),
      resources: JSON.stringify({
        cpuThreads: 4,
        memoryTotalBytes: 16 * 1024 ** 3,
        memoryUsedBytes: 4 * 1024 ** 3,
        pools: [],
      }),
    })
    .execute();
  return id;
}

/** Asks again and again until `probe` gives something; fails after 30 s. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 20) {
    const found = await probe();
    if (found !== undefined) return found;
    await delay(20);
  }
  throw new Error(`not within 30 s: ${what}`);
}
