import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FleetEvent } from '@longshore/contract';
import { coalesceEvents } from './coalesce-events.ts';
import type { EventBatch } from './event-batch.ts';

/** A clock that moves only when told. */
function handClock() {
  let now = 0;
  let due: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after: (ms: number, run: () => void) => void due.push({ at: now + ms, run }),
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        due.sort((a, b) => a.at - b.at);
        const [next] = due;
        if (next === undefined || next.at > end) break;
        due = due.slice(1);
        now = Math.max(now, next.at);
        next.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}

const event = (type: FleetEvent['type'], resourceId: string): FleetEvent => ({
  id: '1',
  at: '2026-01-01T00:00:00Z',
  type,
  resourceId,
  hostId: null,
  data: {},
});

describe('gathering events into refreshes', () => {
  it('passes the first change on at once', async () => {
    const clock = handClock();
    const seen: EventBatch[] = [];
    const add = coalesceEvents(async (batch) => void seen.push(batch), clock);
    add(event('instance.changed', 'a'));
    await clock.pass(0);
    assert.deepEqual([...(seen[0]?.instances ?? [])], ['a']);
  });

  it('makes at most two refreshes a second out of fifty changes a second, and loses none', async () => {
    const clock = handClock();
    const seen: EventBatch[] = [];
    const add = coalesceEvents(async (batch) => void seen.push(batch), clock);
    for (let at = 0; at < 150; at += 1) {
      add(event('instance.changed', `i${at}`));
      await clock.pass(20);
    }
    await clock.pass(1000);
    assert.ok(seen.length <= 8, `${seen.length} refreshes in 3 s`);
    assert.equal(new Set(seen.flatMap((batch) => [...batch.instances])).size, 150);
  });

  it('waits for a refresh that is still under way', async () => {
    const clock = handClock();
    const ends: (() => void)[] = [];
    let flushes = 0;
    const add = coalesceEvents(() => {
      flushes += 1;
      return new Promise<void>((resolve) => ends.push(resolve));
    }, clock);
    add(event('host.changed', 'h'));
    await clock.pass(0);
    add(event('host.changed', 'h'));
    await clock.pass(5000);
    assert.equal(flushes, 1);
    ends[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    await clock.pass(0);
    assert.equal(flushes, 2);
  });

  it('keeps the last word on an instance that is removed and made again', async () => {
    const clock = handClock();
    const seen: EventBatch[] = [];
    const add = coalesceEvents(async (batch) => void seen.push(batch), clock);
    add(event('instance.changed', 'a'));
    add(event('instance.removed', 'a'));
    add(event('instance.removed', 'b'));
    add(event('instance.changed', 'b'));
    add(event('stream.reset', ''));
    await clock.pass(0);
    assert.deepEqual(
      [[...(seen[0]?.instances ?? [])], [...(seen[0]?.removedInstances ?? [])], seen[0]?.reset],
      [['b'], ['a'], true],
    );
  });
});
