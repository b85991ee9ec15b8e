import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@longshore/contract';
import { startLongshore, startSimulationProcess } from '@longshore/testbed';
import { Agent, request } from 'undici';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { makeClientIdentity } from './client-identity.ts';
import { enrolAll, untilInstances } from './enrol-all.ts';

const HOSTS = 100;
const INSTANCES_PER_HOST = 100;
const LATENCY_MS = 20;

/** Reads a list whole and parses it, as a client has to; returns the milliseconds and the number of items. */
async function timed(read: () => Promise<number>): Promise<{ ms: number; items: number }> {
  const started = performance.now();
  const items = await read();
  return { ms: performance.now() - started, items };
}

/** One page and all instances from Longshore, against asking every host at the same moment. */
export const list: Bench = {
  name: 'list',
  measures: 'a page of 50 and all 10,000 instances over 100 hosts, against asking those hosts live',
  async run({ quick, log, signal }) {
    const folder = await mkdtemp(join(tmpdir(), 'longshore-bench-'));
    const identity = await makeClientIdentity();
    const trustFile = join(folder, 'client.crt');
    await writeFile(trustFile, identity.cert);
    await using simulation = await startSimulationProcess({
      hosts: HOSTS,
      instancesPerHost: INSTANCES_PER_HOST,
      latencyMs: LATENCY_MS,
      trustFile,
    });
    const longshore = await startLongshore();
    // Simulated hosts have self-signed certificates, as real ones do; who they are matters not to a stopwatch.
    const hostAgent = new Agent({ connect: { ...identity, rejectUnauthorized: false }, connections: 4 });
    const apiAgent = new Agent();
    try {
      const client = createClient({ url: longshore.url, token: longshore.token });
      await enrolAll(client, simulation.hosts, signal);
      await untilInstances(client, HOSTS * INSTANCES_PER_HOST, 120_000, signal);
      log(`${HOSTS * INSTANCES_PER_HOST} instances are there`);
      const ask = async (query: string) => {
        const { body } = await request(`${longshore.url}/v1/instances?${query}`, {
          dispatcher: apiAgent,
          headers: { authorization: `Bearer ${longshore.token}` },
          signal,
        });
        const page = (await body.json()) as { items: unknown[] };
        return page.items.length;
      };
      const live = async () => {
        const counts = await Promise.all(
          simulation.hosts.map(async ({ url }) => {
            const { body } = await request(`${url}/1.0/instances?recursion=1&all-projects=true`, {
              dispatcher: hostAgent,
              signal,
            });
            const reply = (await body.json()) as { metadata: unknown[] };
            return reply.metadata.length;
          }),
        );
        return counts.reduce((sum, count) => sum + count, 0);
      };
      // Pages first and by themselves: right after a list of 10,000 the asking process collects its own garbage.
      const pages: number[] = [];
      const rounds = quick ? 5 : 20;
      for (let i = -100; i < rounds * 20; i += 1) {
        const { ms } = await timed(() => ask(`limit=50&sort=${i % 2 === 0 ? 'name' : '-name'}`));
        if (i >= 0) pages.push(ms); // connections, caches and the compiler warm up
      }
      const all: number[] = [];
      const lives: number[] = [];
      for (let round = -2; round < rounds; round += 1) {
        const ours = await timed(() => ask('limit=10000'));
        const peer = await timed(live);
        if (ours.items !== 10_000 || peer.items !== 10_000)
          throw new Error(`listed ${ours.items} and ${peer.items} of 10,000`);
        if (round < 0) continue;
        all.push(ours.ms);
        lives.push(peer.ms);
      }
      const page = statisticsOf(pages);
      const ratio = statisticsOf(lives).median / statisticsOf(all).median;
      return {
        bench: 'list',
        series: [
          { name: 'page of 50, Longshore', unit: 'ms', values: pages },
          { name: 'all 10,000, Longshore', unit: 'ms', values: all },
          { name: `all 10,000, ${HOSTS} hosts live`, unit: 'ms', values: lives },
        ],
        results: [
          {
            metric: 'page of 50, p95',
            unit: 'ms',
            ours: page.p95,
            peer: null,
            ratio: null,
            reach: '<= 20 ms',
            met: page.p95 <= 20,
          },
          {
            metric: 'all 10,000, median',
            unit: 'ms',
            ours: statisticsOf(all).median,
            peer: statisticsOf(lives).median,
            ratio,
            reach: '>= 10 times faster',
            met: ratio >= 10,
          },
        ],
        notes: [
          'Times are from the request until the answer is parsed. Hosts, server, database and client share 2 cores.',
        ],
      };
    } finally {
      await Promise.all([hostAgent.close(), apiAgent.close()]);
      await longshore.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
