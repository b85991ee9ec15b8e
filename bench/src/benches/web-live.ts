import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@longshore/contract';
import { buildWebUi, openTestbed, startLongshore } from '@longshore/testbed';
import { Client as HttpClient } from 'undici';
import type { Bench } from '../bench.ts';
import { drawnText } from '../in-page/measure.ts';
import { numberOf } from '../in-page/read-numbers.ts';
import { statisticsOf } from '../report/statistics.ts';
import { enrolAll } from './enrol-all.ts';
import { openLoggedInPage } from './logged-in-page.ts';

/** How long a page does not show what was changed on a host without us. */
export const webLive: Bench = {
  name: 'web-live',
  measures: 'a change on a real host behind our back until a page of the browser UI has drawn it',
  async run({ quick, log, signal }) {
    await buildWebUi();
    await using testbed = await openTestbed({ name: 'bwlive', lxd: 1, trust: false, signal });
    const [host] = testbed.hosts;
    if (host === undefined) throw new Error('the testbed has no host');
    const image = await host.importImage('busybox');
    await host.cli(['launch', image, 'watched']);
    const longshore = await startLongshore();
    const local = new HttpClient('http://host', { socketPath: host.socketPath });
    const opened = await openLoggedInPage(longshore);
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
      const { page } = opened;
      await page.goto(`/ui/instances/${instance.id}`);
      await page.getByRole('heading', { level: 1, name: 'watched' }).waitFor();
      await page.waitForLoadState('load');
      await pause(3000, undefined, { signal }); // the burst of reads after a start is over
      const latencies: number[] = [];
      const rounds = quick ? 30 : 100;
      for (let round = -5; round < rounds; round += 1) {
        const text = `change-${round}-${Date.now()}`;
        const drawn = page.evaluate(drawnText(text));
        const { body } = await local.request({
          method: 'PATCH',
          path: '/1.0/instances/watched',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ description: text }),
        });
        // The clock of the page is that of this machine, too.
        const started = performance.timeOrigin + performance.now();
        await body.dump();
        const at = numberOf(await withLimit(drawn, signal));
        if (round >= 0) latencies.push(at - started);
        await pause(300 + ((Math.abs(round) * 137) % 900), undefined, { signal });
      }
      log(`${latencies.length} changes were drawn`);
      const { median, p95 } = statisticsOf(latencies);
      return {
        bench: 'web-live',
        series: [{ name: 'change drawn', unit: 'ms', values: latencies }],
        results: [
          {
            metric: 'drawn after, median',
            unit: 'ms',
            ours: median,
            peer: null,
            ratio: null,
            reach: '<= 400 ms',
            met: median <= 400,
          },
          {
            metric: 'drawn after, p95',
            unit: 'ms',
            ours: p95,
            peer: null,
            ratio: null,
            reach: '<= 1 s',
            met: p95 <= 1000,
          },
        ],
        notes: [
          "From the host's answer to the change until the frame that shows it was drawn in Chromium, on the instance's page.",
        ],
      };
    } finally {
      await opened.browser.close();
      await local.close();
      await longshore.stop();
    }
  },
};

async function withLimit<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const abort = new AbortController();
  const limit = pause(30_000, undefined, { signal: AbortSignal.any([abort.signal, signal]) }).then(() => {
    throw new Error('a change was not drawn within 30 s');
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    // What was not waited for any more ends here, and its end is of no interest.
    limit.catch(() => undefined);
    abort.abort();
  }
}
