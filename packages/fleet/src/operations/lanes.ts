import { createHash } from 'node:crypto';
import type { OperationAction } from '@longshore/contract';

/**
 * Kinds of work that must not wait for each other on one host: a stop shall not stand behind an export of an hour.
 * The width is how many of a kind a host does beside each other; four creates at once keep a small host's disk busy,
 * and more make each slower (LXD serialises much of it per storage pool anyway). A stop waits for its guest for a
 * minute or an hour and costs the host nothing meanwhile, so there are many lanes for power.
 */
const WIDTHS = { quick: 4, power: 16, create: 4, transfer: 2 } as const;

const PACE: Readonly<Record<OperationAction, keyof typeof WIDTHS>> = {
  'host.probe': 'quick',
  'host.enrol': 'quick',
  'host.re-pin': 'quick',
  'host.remove': 'quick',
  'host.sync': 'quick',
  'instance.create': 'create',
  'instance.power': 'power',
  'instance.rename': 'quick',
  'instance.configure': 'quick',
  'instance.delete': 'quick',
  'instance.move': 'transfer',
  'instance.copy': 'transfer',
  'instance.export': 'transfer',
  'instance.import': 'transfer',
  'instance.snapshot.create': 'quick',
  'instance.snapshot.restore': 'quick',
  'instance.snapshot.delete': 'quick',
  'instance.host-keys.rotate': 'quick',
  'instance.host-keys.import': 'quick',
  'image.copy': 'transfer',
  'image.remove': 'quick',
  bulk: 'quick',
};

/**
 * The job queue of an operation, in which one job runs at a time; null (no queue) for what concerns no single host.
 * The same `lane` on the same host gives the same queue, so what shares a lane stays in order.
 */
export function queueOf(action: OperationAction, hostId: string | null, lane: string): string | null {
  if (hostId === null) return null;
  const pace = PACE[action];
  const number = createHash('sha1').update(lane).digest().readUInt32BE(0) % WIDTHS[pace];
  return `host:${hostId}:${pace}:${number}`;
}
