import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDnsTools, startLongshore } from '@longshore/testbed';
import type { Bench, BenchContext } from '../bench.ts';
import type { Report } from '../report/report.ts';
import { statisticsOf } from '../report/statistics.ts';
import { cpuMilliseconds } from './cpu-time.ts';
import {
  cpuOfTree,
  fillFleet,
  type Measured,
  NAMES,
  runTool,
  startNsd,
  startPowerDns,
  treeOf,
  untilAnswered,
  writeZoneAndQuestions,
} from './dns-peers.ts';

/** Questions answered in a second of the server's CPU time, by UDP. */
export const dns: Bench = {
  name: 'dns',
  measures: `answers by UDP out of ${NAMES} names per CPU second, against NSD and PowerDNS with the same zone`,
  run: (context) => measure('dns', ['-m', 'udp', '-c', '16', '-q', '200'], context),
};

/** The same over connections that are kept open and asked without waiting. */
export const dnsTcp: Bench = {
  name: 'dns-tcp',
  measures: 'the same by TCP, over pipelined connections',
  run: (context) => measure('dns-tcp', ['-m', 'tcp', '-c', '8', '-q', '400'], context),
};

const SERVER_CORE = '0';
const CLIENT_CORE = '1';

async function measure(
  bench: string,
  how: readonly string[],
  { quick, log, signal }: BenchContext,
): Promise<Report> {
  await installDnsTools(['nsd', 'dnsperf', 'pdns-server', 'pdns-backend-bind'], signal);
  const dir = await mkdtemp(join(tmpdir(), 'longshore-bdns-'));
  const longshore = await startLongshore({
    readyLimitMs: 180_000,
    env: { LONGSHORE_DNS_LISTEN: '127.53.1.1:0', LONGSHORE_DNS_ANSWERS_PER_SECOND: '0' },
  });
  const peers: (Measured & { stop(): Promise<void> })[] = [];
  try {
    await writeZoneAndQuestions(dir, quick ? 100_000 : 500_000);
    await fillFleet(longshore, signal);
    const [at] = longshore.dns;
    if (at === undefined) throw new Error('the server answers for no names');
    peers.push(await startNsd(dir, signal), await startPowerDns(dir, signal));
    const ours: Measured = { name: 'Longshore', ...at, pid: longshore.pid };
    const servers = [ours, ...peers];
    for (const { pid } of servers) {
      for (const each of await treeOf(pid)) {
        // PostgreSQL is a process of its own and has nothing to do here.
        if (pid === longshore.pid && each !== pid) continue;
        await runTool('taskset', ['-a', '-p', '-c', SERVER_CORE, String(each)], signal);
      }
    }
    log(`${NAMES} names are answered by all`);
    const rates = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
    const seconds = quick ? '3' : '6';
    const rounds = quick ? 3 : 9;
    for (let round = -1; round < rounds; round += 1) {
      for (const server of servers) {
        // PostgreSQL is a child of ours, and is not asked.
        const cpu = () => (server === ours ? cpuMilliseconds(server.pid) : cpuOfTree(server.pid));
        const before = await cpu();
        const args = [
          '-s',
          server.host,
          '-p',
          String(server.port),
          '-d',
          join(dir, 'questions'),
          '-l',
          seconds,
          '-T',
          '1',
          '-e',
        ];
        const output = await runTool('taskset', ['-c', CLIENT_CORE, 'dnsperf', ...args, ...how], signal);
        const used = (await cpu()) - before;
        const completed = Number(/Queries completed:\s+(\d+)/.exec(output)?.[1] ?? 0);
        if (completed === 0 && round >= 0)
          throw new Error(`dnsperf got no answer from ${server.name}: ${output.slice(-500)}`);
        if (round >= 0) rates.get(server.name)?.push(completed / (used / 1000)); // the first round warms up
      }
    }
    await untilAnswered(at, signal);
    return reportOf(bench, rates);
  } finally {
    for (const peer of peers) await peer.stop();
    await longshore.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function reportOf(bench: string, rates: ReadonlyMap<string, readonly number[]>): Report {
  const of = (name: string) => rates.get(name) ?? [];
  const ratioTo = (peer: string) =>
    statisticsOf(of('Longshore').map((rate, round) => rate / (of(peer)[round] ?? Number.NaN))).median;
  const ours = statisticsOf(of('Longshore')).median;
  const wanted = bench === 'dns' ? { PowerDNS: 1.3, NSD: 0.65 } : { PowerDNS: 2 };
  return {
    bench,
    series: [...rates].map(([name, values]) => ({ name: `${name}, answers`, unit: 'per CPU s', values })),
    results: Object.entries(wanted).map(([peer, least]) => ({
      metric: `answers per CPU second against ${peer}`,
      unit: '1/s',
      ours,
      peer: statisticsOf(of(peer)).median,
      ratio: ratioTo(peer),
      reach: `>= ${least} times`,
      met: ratioTo(peer) >= least,
    })),
    notes: [
      'Ratios are medians of those of the rounds. Servers are pinned to one core, dnsperf to another; the CPU time of each',
      'server is its own and that of its children. PowerDNS has its packet cache, NSD its rate limit off.',
    ],
  };
}
