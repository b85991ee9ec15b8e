import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '@longshore/contract';
import { createSealer, readMigrations, silentLog } from '@longshore/store';
import { testDatabase } from '@longshore/store/testing';
import { openTestbed, type Testbed, type TestHost } from '@longshore/testbed';
import { createFleet } from '../create-fleet.ts';
import { createFleetContext, type FleetContext } from '../fleet-context.ts';
import { fleetMigrations } from '../fleet-migrations.ts';
import type { GuestKeySource } from '../guest-keys/guest-key.ts';
import { enrolHost } from '../hosts/enrol-host.ts';
import { waitOperation } from '../operations/wait-operation.ts';
import type { TestScope } from './test-fleet.ts';

/** A fleet of real hosts, enrolled by trust token, with its sync and its job loop running. */
export type RealFleet = {
  readonly context: FleetContext;
  readonly testbed: Testbed;
  /** Identifier of the enrolled host. */
  hostId(host: TestHost): string;
  /** Waits for the end of an operation; fails the test when it has not succeeded within `seconds`. */
  succeeded(operation: Pick<Operation, 'id'>, seconds?: number): Promise<Operation>;
  ended(operation: Pick<Operation, 'id'>, seconds?: number): Promise<Operation>;
};

/** Brings up hosts and enrols them. Everything ends with `scope`. */
export async function openRealFleet(
  scope: TestScope,
  options: {
    readonly name: string;
    readonly lxd: number;
    readonly incus: number;
    readonly guestKeySource?: GuestKeySource;
  },
): Promise<RealFleet> {
  const testbed = await openTestbed(options);
  scope.after(() => testbed.close());
  const events = await readMigrations('events', new URL('../../../events/migrations/', import.meta.url));
  const { store } = await testDatabase(scope, {
    migrations: [events, await fleetMigrations()],
    poolSize: 20,
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'longshore-fleet-'));
  scope.after(() => rm(dataDir, { recursive: true, force: true }));
  const key = { id: 'test', key: randomBytes(32) };
  const context = createFleetContext({
    store,
    sealer: createSealer({ keys: [key], active: key.id }),
    log: silentLog,
    dataDir,
    workerId: `test-${randomUUID().slice(0, 8)}`,
    ...(options.guestKeySource === undefined ? {} : { guestKeySource: options.guestKeySource }),
  });
  const fleet = createFleet(context);
  await fleet.start();
  scope.after(() => fleet.stop());

  const ended: RealFleet['ended'] = async ({ id }, seconds = 60) => {
    const operation = await waitOperation(context, id, seconds);
    if (operation.endedAt === null) throw new Error(`did not end: ${JSON.stringify(operation)}`);
    return operation;
  };
  const succeeded: RealFleet['succeeded'] = async (operation, seconds) => {
    const end = await ended(operation, seconds);
    if (end.status !== 'succeeded') throw new Error(`${end.action} failed: ${JSON.stringify(end, null, 1)}`);
    return end;
  };

  const ids = new Map<string, string>();
  await Promise.all(
    testbed.hosts.map(async (host) => {
      const { operation } = await enrolHost(
        context,
        { name: host.name, access: { by: 'token', token: await host.token('longshore'), url: host.url } },
        { name: 'test' },
      );
      await succeeded(operation);
      const row = await store.db
        .selectFrom('hosts')
        .select('id')
        .where('name', '=', host.name)
        .executeTakeFirstOrThrow();
      ids.set(host.name, row.id);
    }),
  );
  return {
    context,
    testbed,
    hostId: (host) => ids.get(host.name) ?? '',
    succeeded,
    ended,
  };
}
