import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type FleetEvent } from '@longshore/contract';
import { openTestbed, startLongshore } from '@longshore/testbed';
import { Client as HttpClient } from 'undici';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { enrolAll } from './enrol-all.ts';

const LIMIT_MS = 30_000;

/** How long Longshore does not know what was changed on a host without it. */
export const freshness: Bench = {
  name: 'freshness',
  measures: 'a change on a real host behind our back, until the API and the event stream have it',
  async run({ quick, log, signal }) {
    await using testbed = await openTestbed({ name: 'bfresh', lxd: 1, trust: false, signal });
    const [host] = testbed.hosts;
    if (host === undefined) throw new Error('the testbed has no host');
    const image = await host.importImage('busybox');
    await host.cli(['launch', image, 'watched']);
    const longshore = await startLongshore();
    const local = new HttpClient('http://host', { socketPath: host.socketPath });
    const stop = new AbortController();
    try {
      const client = createClient({ url: longshore.url, token: longshore.token });
      await enrolAll(
        client,
        [{ name: host.name, url: host.url, token: await host.token('longshore') }],
        signal,
      );
      const { value: found } = await client.call('listInstances', { query: { filter: 'name:watched' } });
      const [instance] = found.items;
      if (instance === undefined) throw new Error('the instance was not adopted');
      const seen = new Set<(event: FleetEvent) => void>();
      const follow = (async () => {
        for await (const event of client.events({ types: ['instance.changed'], signal: stop.signal }))
          for (const tell of seen) tell(event);
      })();
      await pause(3000, undefined, { signal }); // the burst of reads after a start is over
      const latencies: number[] = [];
      const rounds = quick ? 20 : 120;
      for (let round = -5; round < rounds; round += 1) {
        const value = `v${round}-${Date.now()}`;
        const known = Promise.withResolvers<void>();
        const check = async () => {
          const { value: now } = await client.call('getInstance', { params: { id: instance.id } });
          if (now.config['user.bench'] === value) known.resolve();
        };
        const tell = (event: FleetEvent) => {
          if (event.resourceId === instance.id) check().catch(known.reject);
        };
        seen.add(tell);
        const { body } = await local.request({
          method: 'PATCH',
          path: '/1.0/instances/watched',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ config: { 'user.bench': value } }),
        });
        const started = performance.now();
        await body.dump();
        const limit = setTimeout(
          () => known.reject(new Error(`a change was not seen within ${LIMIT_MS / 1000} s`)),
          LIMIT_MS,
        );
        await known.promise;
        clearTimeout(limit);
        seen.delete(tell);
        if (round >= 0) latencies.push(performance.now() - started);
        await pause(50 + ((round * 37) % 200), undefined, { signal });
      }
      stop.abort();
      await follow;
      const { median, p99 } = statisticsOf(latencies);
      log(`${latencies.length} changes were followed`);
      return {
        bench: 'freshness',
        series: [{ name: 'change known', unit: 'ms', values: latencies }],
        results: [
          {
            metric: 'known after, median',
            unit: 'ms',
            ours: median,
            peer: 30_000,
            ratio: 30_000 / median,
            reach: '<= 150 ms',
            met: median <= 150,
          },
          {
            metric: 'known after, p99',
            unit: 'ms',
            ours: p99,
            peer: null,
            ratio: null,
            reach: '<= 1 s',
            met: p99 <= 1000,
          },
        ],
        notes: [
          "From the host's answer to the change until an event of the stream led to a read of the API that shows it.",
          "The peer's figure is the ancestor's polling interval of 30 s, not a measurement.",
        ],
      };
    } finally {
      stop.abort();
      await local.close();
      await longshore.stop();
    }
  },
};
