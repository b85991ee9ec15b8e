import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FleetEvent } from '@longshore/contract';
import { createEventRing } from './event-ring.ts';
import type { PlacedEvent } from './outbox.ts';

const at = (n: number) => ({ txid: BigInt(n), seq: 1n });
const placed = (n: number): PlacedEvent => {
  const event: FleetEvent = {
    id: `${n}-1`,
    at: '2026-11-30T12:00:00Z',
    type: 'host.changed',
    resourceId: String(n),
    hostId: null,
    data: {},
  };
  return { position: at(n), event };
};
const ids = (events: readonly PlacedEvent[] | null) =>
  events?.map(({ event }) => Number(event.resourceId)) ?? null;

describe('the ring of newest events', () => {
  it('gives what stands after a position, or says that it does not reach back', () => {
    const ring = createEventRing(at(0), 4);
    for (let n = 1; n <= 6; n += 1) ring.append([placed(n)], at(n));
    assert.ok(ring.size() <= 5);
    assert.deepEqual(ids(ring.after(at(2), 10)), [3, 4, 5, 6]);
    assert.deepEqual(ids(ring.after(at(4), 1)), [5]);
    assert.deepEqual(ids(ring.after(at(6), 10)), []);
    assert.deepEqual(ids(ring.after(at(9), 10)), []);
    assert.equal(ring.after(at(1), 10), null);
  });

  it('moves its end past what it was not given, and forgets all on a restart', () => {
    const ring = createEventRing(at(0), 4);
    ring.append([], at(5));
    assert.deepEqual(ring.end(), at(5));
    assert.deepEqual(ring.after(at(0), 10), []);
    ring.restart(at(8));
    assert.equal(ring.after(at(5), 10), null);
  });
});
