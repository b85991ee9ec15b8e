import { createClient, waitForOperation } from '@longshore/contract';
import { openTestbed, startLongshore } from '@longshore/testbed';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { enrolAll } from './enrol-all.ts';

/** What it costs to launch through us instead of with the host's own client. */
export const launch: Bench = {
  name: 'launch',
  measures: 'create and start a container through Longshore, against lxc on that host',
  async run({ quick, log, signal }) {
    await using testbed = await openTestbed({ name: 'blaun', lxd: 1, trust: false, signal });
    const [host] = testbed.hosts;
    if (host === undefined) throw new Error('the testbed has no host');
    const image = await host.importImage('busybox');
    const longshore = await startLongshore();
    try {
      const client = createClient({ url: longshore.url, token: longshore.token });
      await enrolAll(
        client,
        [{ name: host.name, url: host.url, token: await host.token('longshore') }],
        signal,
      );
      const throughUs = async (name: string) => {
        const started = performance.now();
        const { value } = await client.call('createInstance', {
          body: { name, source: { image }, placement: { host: host.name } },
          signal,
        });
        await waitForOperation(client, value.operation.id, { signal });
        const ms = performance.now() - started;
        const { value: removal } = await client.call('deleteInstance', {
          params: { id: value.instanceId },
          query: { force: 'true' },
        });
        await waitForOperation(client, removal.operation.id, { signal });
        return ms;
      };
      const direct = async (name: string) => {
        const started = performance.now();
        await host.cli(['launch', image, name]);
        const ms = performance.now() - started;
        await host.cli(['delete', '--force', name]);
        return ms;
      };
      const ours: number[] = [];
      const theirs: number[] = [];
      const rounds = quick ? 6 : 30;
      for (let round = -2; round < rounds; round += 1) {
        signal.throwIfAborted();
        // Who goes first alternates, so that what one leaves behind is not always paid by the other.
        const first = round % 2 === 0;
        const before = first ? await throughUs(`ours${round + 2}`) : undefined;
        const peer = await direct(`theirs${round + 2}`);
        const mine = before ?? (await throughUs(`ours${round + 2}`));
        if (round < 0) continue;
        ours.push(mine);
        theirs.push(peer);
      }
      log(`${rounds} launches each`);
      const [mine, peer] = [statisticsOf(ours).median, statisticsOf(theirs).median];
      return {
        bench: 'launch',
        series: [
          { name: 'Longshore', unit: 'ms', values: ours },
          { name: 'lxc launch', unit: 'ms', values: theirs },
        ],
        results: [
          {
            metric: 'launch, median',
            unit: 'ms',
            ours: mine,
            peer,
            ratio: mine / peer,
            reach: '<= 1.15 times',
            met: mine / peer <= 1.15,
          },
        ],
      };
    } finally {
      await longshore.stop();
    }
  },
};
