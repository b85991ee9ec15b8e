import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { openConsoleFleet, openDirect, openThrough } from './console-fleet.ts';

/** How long it takes from the click to the prompt, beyond what LXD itself takes. */
export const consoleOpen: Bench = {
  name: 'console-open',
  measures: 'from asking for a shell to its prompt, through Longshore and at LXD direct',
  async run({ quick, signal }) {
    await using fleet = await openConsoleFleet('bopen', signal);
    const [directMs, throughMs]: [number[], number[]] = [[], []];
    const rounds = quick ? 10 : 60;
    for (let round = -3; round < rounds; round += 1) {
      const [a, b] = [
        await untilShown((show) => openDirect(fleet, ['su', '-l', 'root'], show)),
        await untilShown(async (show) => openThrough(fleet, undefined, show)),
      ];
      if (round < 0) continue;
      directMs.push(a);
      throughMs.push(b);
    }
    const [ours, peer] = [statisticsOf(throughMs), statisticsOf(directMs)];
    const added = ours.p95 - peer.p95;
    return {
      bench: 'console-open',
      series: [
        { name: 'LXD direct', unit: 'ms', values: directMs },
        { name: 'through Longshore', unit: 'ms', values: throughMs },
      ],
      results: [
        {
          metric: 'p95, beyond LXD',
          unit: 'ms',
          ours: added,
          peer: peer.p95,
          ratio: null,
          reach: '<= 300 ms',
          met: added <= 300,
        },
      ],
      notes: ['Ticket, websocket, permission, dialling the host and the first byte of the prompt.'],
    };
  },
};

async function untilShown(
  open: (show: (bytes: Uint8Array) => void) => Promise<Readonly<{ close(): void }>>,
): Promise<number> {
  const shown = Promise.withResolvers<void>();
  const started = performance.now();
  const terminal = await open(() => shown.resolve());
  await shown.promise;
  const took = performance.now() - started;
  terminal.close();
  return took;
}
