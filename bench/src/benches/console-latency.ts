import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { type BenchTerminal, openConsoleFleet, openDirect, openThrough } from './console-fleet.ts';

const KEY = Uint8Array.of(0x78);

/** How long a key takes until it shows, beyond what it takes at the host itself. */
export const consoleLatency: Bench = {
  name: 'console-latency',
  measures: 'the echo of a key through the console proxy, against LXD direct',
  async run({ quick, signal }) {
    await using fleet = await openConsoleFleet('blat', signal);
    const direct = await echoing((show) => openDirect(fleet, ['cat'], show));
    const through = await echoing(async (show) => openThrough(fleet, ['cat'], show));
    const rounds = quick ? 200 : 2000;
    const [directMs, throughMs]: [number[], number[]] = [[], []];
    for (let round = -50; round < rounds; round += 1) {
      const [a, b] = [await direct.press(), await through.press()];
      if (round < 0) continue;
      directMs.push(a);
      throughMs.push(b);
    }
    direct.close();
    through.close();
    const [ours, peer] = [statisticsOf(throughMs), statisticsOf(directMs)];
    const added = ours.p99 - peer.p99;
    return {
      bench: 'console-latency',
      series: [
        { name: 'LXD direct', unit: 'ms', values: directMs },
        { name: 'through Longshore', unit: 'ms', values: throughMs },
      ],
      results: [
        {
          metric: 'p99, added to direct',
          unit: 'ms',
          ours: added,
          peer: peer.p99,
          ratio: null,
          reach: '<= 5 ms',
          met: added <= 5,
        },
      ],
      notes: [
        'One key at a time into `cat` in a terminal, until its echo is there; direct and through by turns.',
      ],
    };
  },
};

async function echoing(open: (show: (bytes: Uint8Array) => void) => Promise<BenchTerminal>) {
  let shown = Promise.withResolvers<void>();
  const terminal = await open(() => shown.resolve());
  const press = async (): Promise<number> => {
    shown = Promise.withResolvers();
    const started = performance.now();
    terminal.type(KEY);
    await shown.promise;
    return performance.now() - started;
  };
  await press();
  return { press, close: terminal.close };
}
