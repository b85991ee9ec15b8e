import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '@longshore/store';
import { insertHost, openTestApi } from './testing/open-test-api.ts';

describe('the event stream over HTTP', () => {
  it('(6) shows a change as soon as it is committed, and resumes after the last event', {
    timeout: 60_000,
  }, async (t) => {
    const api = await openTestApi(t);
    const open = Promise.withResolvers<void>();
    const stream = api.client.events({ types: ['host.changed'], onOpen: open.resolve });
    const first = stream.next();
    await open.promise;
    const a = await insertHost(api.store, 'a');
    const seen = (await first).value;
    assert.equal(seen.resourceId, a);
    await stream.return(undefined);

    const b = await insertHost(api.store, 'b');
    const resumed = api.client.events({ lastEventId: seen.id });
    assert.equal((await resumed.next()).value.resourceId, b);
    await resumed.return(undefined);
  });

  it('ends when the server stops, with nobody left waiting', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const stream = await api.ask('GET', '/v1/events');
    const waiting = api.client
      .call('probeHost', { body: { url: 'https://a.test' } })
      .then(({ value }) =>
        api.client.call('getOperation', { params: { id: value.operation.id }, query: { waitSeconds: 60 } }),
      );
    await untilListening(api.store);
    await api.app.close();
    assert.match(await stream.text(), /^retry:/);
    assert.equal((await waiting).value.status, 'queued');
  });

  it('is refused beyond the limit, until one is closed', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t, { settings: { maxEventStreams: 1 } });
    const first = await api.ask('GET', '/v1/events');
    assert.equal((await api.ask('GET', '/v1/events')).status, 429);
    await first.body?.cancel();
    for (;;) {
      const next = await api.ask('GET', '/v1/events');
      await next.body?.cancel();
      if (next.status === 200) break;
    }
  });
});

/** Until someone waits for the end of an operation. */
async function untilListening(store: Awaited<ReturnType<typeof openTestApi>>['store']): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% listen'
        AND query LIKE '%operation_ended%'`.execute(store.db);
    if ((rows[0]?.n ?? 0) > 0) return;
  }
}
