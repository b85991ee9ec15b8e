import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processorTimesIn, usedPercent } from './processor-time.ts';
import { useSampleOf } from './use-sample.ts';

const metrics = (
  first: number,
  second: number,
) => `# HELP lxd_cpu_seconds_total The total number of CPU time used in seconds.
# TYPE lxd_cpu_seconds_total counter
lxd_cpu_seconds_total{cpu="0",mode="user",name="c1",project="default",type="container"} ${first}
lxd_cpu_seconds_total{cpu="0",mode="system",name="c1",project="default",type="container"} 1
lxd_cpu_seconds_total{cpu="0",mode="idle",name="v1",project="default",type="virtual-machine"} 900
lxd_cpu_seconds_total{cpu="0",mode="user",name="v1",project="default",type="virtual-machine"} ${second}
lxd_memory_Active_bytes{name="c1",project="default",type="container"} 5
# EOF`;

describe('how busy a host is', () => {
  it('is what its instances took between two readings, without idle time and without those that began anew', () => {
    const before = processorTimesIn(metrics(10, 50));
    assert.equal(before.size, 2);
    const now = processorTimesIn(metrics(14, 3));
    assert.equal(usedPercent(before, now, 10, 4), 10);
    assert.equal(usedPercent(before, processorTimesIn(metrics(1000, 1000)), 10, 4), 100);
    assert.equal(usedPercent(before, now, 0, 4), null);
    assert.equal(processorTimesIn('').size, 0);
    assert.equal(
      processorTimesIn('lxd_cpu_seconds_total{name="x"} NaN\nincus_cpu_seconds_total{name="x"} -1').size,
      0,
    );
  });
});

describe('a sample of use', () => {
  const state = (cpuSeconds: number, received: number) => ({
    status: 'Running',
    status_code: 103,
    pid: 1,
    processes: 12,
    cpu: { usage: cpuSeconds * 1e9 },
    memory: { usage: 100, usage_peak: 0, total: 0, swap_usage: -1 },
    disk: { root: { usage: 5, total: 0 } },
    network: {
      lo: { addresses: [], hwaddr: '', host_name: '', mtu: 0, state: 'up', type: 'loopback' },
      [`eth\u00000${'x'.repeat(100)}`]: {
        addresses: [],
        counters: { bytes_received: received, bytes_sent: 0, packets_received: 1, packets_sent: 0 },
        hwaddr: '',
        host_name: '',
        mtu: 0,
        state: 'up',
        type: 'broadcast',
      },
    },
  });

  it('has rates against the one before, and none where a counter fell', () => {
    const at = new Date(0);
    const first = useSampleOf(state(10, 1000), at, 0, undefined);
    assert.equal(first.cpuPercent, null);
    assert.equal(first.memoryTotalBytes, null);
    assert.equal(first.swapBytes, 0);
    const second = useSampleOf(state(13, 3000), at, 2000, { sample: first, tookAtMs: 0 });
    assert.equal(second.cpuPercent, 150);
    assert.deepEqual(
      second.networks.map(({ name, receivedBytesPerSecond }) => [name.length, receivedBytesPerSecond]),
      [[64, 1000]],
    );
    const restarted = useSampleOf(state(1, 10), at, 4000, { sample: second, tookAtMs: 2000 });
    assert.equal(restarted.cpuPercent, null);
    assert.equal(restarted.networks[0]?.receivedBytesPerSecond, null);
  });
});
