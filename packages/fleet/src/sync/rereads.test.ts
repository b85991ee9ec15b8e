import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRereads, type Place, type RereadsOptions } from './rereads.ts';

const place = (name: string): Place => ({ lxdProject: 'default', name });

/** Reads that end when told to, in the order of their beginning. */
function controlled(options: Partial<RereadsOptions> = {}) {
  const log: string[] = [];
  const open: PromiseWithResolvers<void>[] = [];
  const begin = (what: string): Promise<void> => {
    log.push(what);
    const one = Promise.withResolvers<void>();
    open.push(one);
    return one.promise;
  };
  const failures: unknown[] = [];
  const rereads = createRereads({
    windowMs: 1,
    readOne: ({ name }) => begin(name),
    readAll: () => begin('ALL'),
    onFailure: (error) => failures.push(error),
    ...options,
  });
  const until = async (check: () => boolean): Promise<void> => {
    for (let tries = 0; !check() && tries < 2000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(check(), `log: ${log.join(' ')}`);
  };
  return { rereads, log, open, failures, until };
}

describe('rereads', () => {
  it('read an instance once for any number of events', async () => {
    const { rereads, log, open, until } = controlled();
    const all = [rereads.want(place('a')), rereads.want(place('a')), rereads.want(place('a'))];
    await until(() => open.length === 1);
    open[0]?.resolve();
    await Promise.all(all);
    assert.deepEqual(log, ['a']);
  });

  it('read it again when an event comes while it is read', async () => {
    const { rereads, log, open, until } = controlled();
    void rereads.want(place('a'));
    await until(() => open.length === 1);
    const second = rereads.want(place('a'));
    open[0]?.resolve();
    await until(() => open.length === 2);
    open[1]?.resolve();
    await second;
    assert.deepEqual(log, ['a', 'a']);
  });

  it('turn a burst into one read of all, alone', async () => {
    const { rereads, log, open, until } = controlled({ burst: 3 });
    const all = ['a', 'b', 'c', 'd'].map((name) => rereads.want(place(name)));
    await until(() => open.length === 1);
    void rereads.want(place('e'));
    open[0]?.resolve();
    await Promise.all(all);
    await until(() => open.length === 2);
    assert.deepEqual(log, ['ALL', 'e']);
    open[1]?.resolve();
  });

  it('read at most so many at a time', async () => {
    const { rereads, open, until } = controlled({ inFlight: 2 });
    for (const name of ['a', 'b', 'c']) void rereads.want(place(name));
    await until(() => open.length === 2);
    open[0]?.resolve();
    await until(() => open.length === 3);
    rereads.close();
  });

  it('tell of a failure, and let go of who waits when closed', async () => {
    const { rereads, open, failures, until } = controlled();
    const first = rereads.want(place('a'));
    await until(() => open.length === 1);
    open[0]?.reject(new Error('gone'));
    await first;
    await until(() => failures.length === 1);
    const second = rereads.want(place('b'));
    rereads.close();
    await second;
  });
});
