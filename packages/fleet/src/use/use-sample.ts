import type { UseSample } from '@longshore/contract';
import type { InstanceState } from '@longshore/lxd';

/** A sample and when it was taken by a clock that never jumps, in milliseconds. */
export type TimedSample = Readonly<{ sample: UseSample; tookAtMs: number }>;

/** A guest may have as many as it likes; a page shows a few, and thousands of events are kept in memory. */
const MAX_DISKS = 16;
const MAX_NETWORKS = 16;
const MAX_NAME_LENGTH = 64;

/**
 * What a state that a host told says of use. Rates are taken against the sample before; a counter that fell (the guest
 * was restarted) gives none.
 */
export function useSampleOf(
  state: InstanceState,
  at: Date,
  tookAtMs: number,
  before: TimedSample | undefined,
): UseSample {
  const seconds = before === undefined ? 0 : (tookAtMs - before.tookAtMs) / 1000;
  const rate = (now: number, then: number | undefined): number | null =>
    then === undefined || seconds <= 0 || now < then ? null : (now - then) / seconds;
  const cpuSeconds = counter(state.cpu.usage) / 1e9;
  const cpuRate = rate(cpuSeconds, before?.sample.cpuSeconds);
  return {
    at: at.toISOString(),
    processes: Math.trunc(counter(state.processes)),
    cpuSeconds,
    cpuPercent: cpuRate === null ? null : cpuRate * 100,
    memoryBytes: counter(state.memory?.usage),
    memoryTotalBytes: counter(state.memory?.total) || null,
    swapBytes: counter(state.memory?.swap_usage),
    disks: entries(state.disk, MAX_DISKS).map(([name, disk]) => ({
      name,
      usedBytes: counter(disk.usage),
      totalBytes: counter(disk.total) || null,
    })),
    networks: entries(state.network, MAX_NETWORKS)
      .filter(([name]) => name !== 'lo')
      .map(([name, { counters }]) => {
        const then = before?.sample.networks.find((each) => each.name === name);
        const receivedBytes = counter(counters?.bytes_received);
        const sentBytes = counter(counters?.bytes_sent);
        return {
          name,
          receivedBytes,
          sentBytes,
          receivedPackets: counter(counters?.packets_received),
          sentPackets: counter(counters?.packets_sent),
          receivedBytesPerSecond: rate(receivedBytes, then?.receivedBytes),
          sentBytesPerSecond: rate(sentBytes, then?.sentBytes),
        };
      }),
  };
}

/** Hosts write -1 where they do not know. */
function counter(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : 0;
}

/** Names come from inside of a guest: bounded, and without what a database does not take. */
function entries<T>(record: Readonly<Record<string, T>>, limit: number): readonly (readonly [string, T])[] {
  return Object.entries(record)
    .map(([name, value]) => [name.replaceAll(/\p{C}/gu, '').slice(0, MAX_NAME_LENGTH), value] as const)
    .filter(([name]) => name !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit);
}
