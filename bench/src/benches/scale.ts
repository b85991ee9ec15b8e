import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from '@longshore/contract';
import { startLongshore, startSimulationProcess } from '@longshore/testbed';
import type { Bench, BenchContext } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { cpuMilliseconds } from './cpu-time.ts';
import { enrolAll, untilInstances } from './enrol-all.ts';

const INSTANCES_PER_HOST = 100;
const CHANGES_PER_SECOND = 50;
const GIB = 2 ** 30;

type Run = Readonly<{
  syncSeconds: number;
  lagMs: readonly number[];
  residentGib: number;
  /** CPU of the server per change followed, in milliseconds; what it costs without changes is taken off. */
  cpuPerChangeMs: number;
}>;

/** A fleet of so many hosts: cold full sync, then changes at a steady rate. */
async function runFleet(hosts: number, seconds: number, { log, signal }: BenchContext): Promise<Run> {
  await using simulation = await startSimulationProcess({ hosts, instancesPerHost: INSTANCES_PER_HOST });
  const longshore = await startLongshore();
  try {
    const client = createClient({ url: longshore.url, token: longshore.token });
    await enrolAll(client, simulation.hosts, signal);
    await untilInstances(client, hosts * INSTANCES_PER_HOST, 600_000, signal);
    // The cold sync of a whole fleet: a server that has seen nothing yet meets all hosts at once.
    await longshore.end('SIGTERM');
    const started = performance.now();
    const again = await startLongshore({ dataDir: longshore.dataDir, token: longshore.token });
    try {
      const fresh = createClient({ url: again.url, token: again.token });
      await untilAllRead(fresh, hosts, new Date(), signal);
      const syncSeconds = (performance.now() - started) / 1000;
      log(`${hosts} hosts: full sync in ${syncSeconds.toFixed(1)} s`);
      await pause(5000, undefined, { signal });
      const idleFrom = await cpuMilliseconds(again.pid);
      await pause(10_000, undefined, { signal });
      const idlePerSecond = ((await cpuMilliseconds(again.pid)) - idleFrom) / 10;
      const lagMs: number[] = [];
      const { value: listed } = await fresh.call('listHosts', { query: { limit: 10_000 }, signal });
      const names = new Map(listed.items.map((host) => [host.id, host.name]));
      const arrivals = new Map<string, number>();
      const stop = new AbortController();
      const follow = (async () => {
        for await (const event of fresh.events({ types: ['instance.changed'], signal: stop.signal })) {
          arrivals.set(`${names.get(event.hostId ?? '')}/${String(event.data.name)}`, Date.parse(event.at));
        }
      })();
      const busyFrom = await cpuMilliseconds(again.pid);
      await simulation.startChanges({ perSecond: CHANGES_PER_SECOND, seconds });
      await pause(seconds * 1000 + 2500, undefined, { signal });
      const busy = (await cpuMilliseconds(again.pid)) - busyFrom;
      const { changes } = await simulation.changes();
      stop.abort();
      await follow;
      const last = new Map(changes.map((change) => [`${change.host}/${change.instance}`, change]));
      for (const [instance, change] of last) {
        const arrived = arrivals.get(instance);
        lagMs.push(
          arrived === undefined || arrived < change.atMs - 5
            ? Number.POSITIVE_INFINITY
            : Math.max(0, arrived - change.atMs),
        );
      }
      const residentGib = (await again.residentBytes()) / GIB;
      const cpuPerChangeMs =
        Math.max(0, busy - idlePerSecond * (seconds + 2.5)) / Math.max(1, changes.length);
      log(
        `${hosts} hosts: ${changes.length} changes, ${cpuPerChangeMs.toFixed(1)} ms CPU each, ${residentGib.toFixed(2)} GiB`,
      );
      return { syncSeconds, lagMs, residentGib, cpuPerChangeMs };
    } finally {
      await again.stop();
    }
  } finally {
    await longshore.stop();
  }
}

/** Waits until every host was read in full by this server. */
async function untilAllRead(client: Client, hosts: number, since: Date, signal: AbortSignal): Promise<void> {
  for (const limit = performance.now() + 600_000; performance.now() < limit; ) {
    const { value } = await client.call('listHosts', { query: { limit: 10_000 }, signal });
    const read = value.items.filter(
      (host) =>
        host.status === 'online' &&
        host.observedAt !== null &&
        Date.parse(host.observedAt) >= since.getTime(),
    );
    if (read.length >= hosts) return;
    // Looking costs the server time, too: at worst the figure is so much too long.
    await pause(1000, undefined, { signal });
  }
  throw new Error(`not all of ${hosts} hosts were read within 10 minutes`);
}

/** A thousand hosts on one process. */
export const scale: Bench = {
  name: 'scale',
  measures: '1,000 simulated hosts x 100 instances, 50 changes/s: lag, memory, cold sync, cost per change',
  async run(context) {
    const small = await runFleet(10, context.quick ? 5 : 30, context);
    const large = await runFleet(context.quick ? 50 : 1000, context.quick ? 5 : 60, context);
    const lag = statisticsOf(large.lagMs);
    const growth = large.cpuPerChangeMs / small.cpuPerChangeMs;
    return {
      bench: 'scale',
      series: [
        { name: 'change to event, 10 hosts', unit: 'ms', values: small.lagMs },
        { name: 'change to event, all hosts', unit: 'ms', values: large.lagMs },
      ],
      results: [
        {
          metric: 'caught up, slowest of all changes',
          unit: 'ms',
          ours: lag.max,
          peer: null,
          ratio: null,
          reach: '<= 2 s',
          met: lag.max <= 2000,
        },
        {
          metric: 'server resident',
          unit: 'GiB',
          ours: large.residentGib,
          peer: null,
          ratio: null,
          reach: '<= 1.2 GiB',
          met: large.residentGib <= 1.2,
        },
        {
          metric: 'cold full sync',
          unit: 's',
          ours: large.syncSeconds,
          peer: null,
          ratio: null,
          reach: '<= 120 s',
          met: large.syncSeconds <= 120,
        },
        {
          metric: 'CPU per change, 1,000 against 10 hosts',
          unit: 'ms',
          ours: large.cpuPerChangeMs,
          peer: small.cpuPerChangeMs,
          ratio: growth,
          reach: '<= 1.5 times (flat)',
          met: growth <= 1.5,
        },
      ],
      notes: [
        context.quick
          ? 'Quick: 50 hosts instead of 1,000.'
          : 'The hosts are simulated in a process of their own on the same 2 cores.',
      ],
    };
  },
};
