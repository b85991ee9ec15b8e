import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@longshore/contract';
import { openTestbed, startLongshore } from '@longshore/testbed';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { enrolAll } from './enrol-all.ts';

const MIB = 2 ** 20;
/** An idle server: whatever the start needed was given back by then. */
const IDLE_MS = 30_000;
const QUICK_IDLE_MS = 8_000;

/** What an idle server costs at home. */
export const footprint: Bench = {
  name: 'footprint',
  measures: 'idle server with 2 hosts: time until ready, resident memory',
  async run({ quick, log, signal }) {
    await using testbed = await openTestbed({ name: 'bfoot', lxd: 2, trust: false, signal });
    const dataDir = await mkdtemp(join(tmpdir(), 'longshore-bench-'));
    try {
      const first = await startLongshore({ dataDir });
      const { token } = first;
      const hosts = await Promise.all(
        testbed.hosts.map(async (host) => ({
          name: host.name,
          url: host.url,
          token: await host.token('longshore'),
        })),
      );
      await enrolAll(createClient({ url: first.url, token }), hosts, signal);
      await first.stop();
      const ready: number[] = [];
      const resident: number[] = [];
      for (let round = 0; round < (quick ? 2 : 5); round += 1) {
        const longshore = await startLongshore({ dataDir, token });
        ready.push(longshore.readyAfterMs);
        await pause(quick ? QUICK_IDLE_MS : IDLE_MS, undefined, { signal });
        resident.push((await longshore.residentBytes()) / MIB);
        log(`ready after ${longshore.readyAfterMs.toFixed(0)} ms, ${resident.at(-1)?.toFixed(0)} MiB`);
        await longshore.stop();
      }
      const start = statisticsOf(ready);
      const memory = statisticsOf(resident);
      return {
        bench: 'footprint',
        series: [
          { name: 'spawn to ready', unit: 'ms', values: ready },
          { name: 'resident, idle', unit: 'MiB', values: resident },
        ],
        results: [
          {
            metric: 'ready after the first initialisation, median',
            unit: 'ms',
            ours: start.median,
            peer: null,
            ratio: null,
            reach: '<= 4 s',
            met: start.median <= 4000,
          },
          {
            metric: 'server resident, median',
            unit: 'MiB',
            ours: memory.median,
            peer: null,
            ratio: null,
            reach: '<= 150 MiB',
            met: memory.median <= 150,
          },
        ],
        notes: ['Resident memory of the server process; its PostgreSQL is a process of its own.'],
      };
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};
