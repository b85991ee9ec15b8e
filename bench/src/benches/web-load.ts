import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@longshore/contract';
import { buildWebUi, startLongshore, startSimulationProcess } from '@longshore/testbed';
import type { Bench } from '../bench.ts';
import { LOADED_SCRIPTS, noteInteractive } from '../in-page/measure.ts';
import { numberOf, numbersOf } from '../in-page/read-numbers.ts';
import { statisticsOf } from '../report/statistics.ts';
import { enrolAll, untilInstances } from './enrol-all.ts';
import { openLoggedInPage } from './logged-in-page.ts';

const SLOWED = 4;
const LIMIT_MS = 60_000;

/** How long the first page takes on a slow computer, and how much of a program it brings. */
export const webLoad: Bench = {
  name: 'web-load',
  measures: 'the first page of the browser UI with an empty cache on a processor slowed 4 times',
  async run({ quick, log, signal }) {
    await buildWebUi();
    await using simulation = await startSimulationProcess({ hosts: 4, instancesPerHost: 25 });
    const longshore = await startLongshore();
    try {
      const client = createClient({ url: longshore.url, token: longshore.token });
      await enrolAll(client, simulation.hosts, signal);
      await untilInstances(client, 100, 60_000, signal);
      const times: number[] = [];
      const bytes: number[] = [];
      let files = 0;
      const rounds = quick ? 5 : 20;
      for (let round = -1; round < rounds; round += 1) {
        signal.throwIfAborted();
        // A browser of its own for each: nothing is cached, neither files nor compiled code.
        const opened = await openLoggedInPage(longshore, [noteInteractive('#main h1 ~ *, #main h1')]);
        try {
          const { page, context } = opened;
          const devtools = await context.newCDPSession(page);
          await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
          await page.goto('/ui/');
          const ms = await untilNumber(async () => page.evaluate('globalThis.bench.interactive'));
          await page.getByRole('link', { name: 'running' }).first().waitFor();
          await page.waitForLoadState('networkidle');
          const scripts = numbersOf(await page.evaluate(LOADED_SCRIPTS));
          if (round < 0) continue;
          times.push(ms);
          bytes.push(scripts.reduce((sum, size) => sum + size, 0));
          files = scripts.length;
        } finally {
          await opened.browser.close();
        }
      }
      log(`${files} files of JavaScript`);
      const interactive = statisticsOf(times);
      const size = statisticsOf(bytes).max / 1000;
      return {
        bench: 'web-load',
        series: [
          { name: 'until interactive', unit: 'ms', values: times },
          { name: 'JavaScript, compressed', unit: 'kB', values: bytes.map((each) => each / 1000) },
        ],
        results: [
          {
            metric: 'overview interactive, median',
            unit: 'ms',
            ours: interactive.median,
            peer: null,
            ratio: null,
            reach: '<= 2500 ms',
            met: interactive.median <= 2500,
          },
          {
            metric: 'JavaScript of the first page',
            unit: 'kB',
            ours: size,
            peer: null,
            ratio: null,
            reach: '<= 250 kB',
            met: size <= 250,
          },
        ],
        notes: [
          'Production build, served by the server as it serves it to everyone (Brotli), on the loopback interface.',
          'Interactive: the overview with its heading is drawn and the main thread is idle, counted from the start of the navigation.',
          'The bytes are of every script that the overview has loaded when the network is silent, also those loaded later.',
        ],
      };
    } finally {
      await longshore.stop();
    }
  },
};

async function untilNumber(ask: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    const value = await ask();
    if (value !== null) return numberOf(value);
    await pause(50);
  }
  throw new Error(`the page was not interactive within ${LIMIT_MS / 1000} s`);
}
