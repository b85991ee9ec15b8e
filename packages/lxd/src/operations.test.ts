import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebSocket } from 'ws';
import { isLxdError } from './lxd-error.ts';
import {
  operationJson,
  reply,
  replyError,
  type Script,
  startScriptedServer,
} from './testing/scripted-server.ts';

const DONE = { status: 'Success', status_code: 200, updated_at: '2026-01-01T00:00:09Z' };
const FAILED = { status: 'Failure', status_code: 400, err: 'no space left on device' };

/** Answers GET of an operation, and its /wait, with one state after the other; the last one stays. */
function states(...answers: readonly (Record<string, unknown> | string)[]): Script {
  const queue = [...answers];
  return {
    onRequest: (_, response) => {
      const answer = queue.length > 1 ? queue.shift() : queue[0];
      if (typeof answer === 'string') replyError(response, 400, answer);
      else reply(response, operationJson('a1', answer));
    },
  };
}

describe('waiting for an operation without events', () => {
  it('asks again while LXD says that it runs, and tells of progress', { timeout: 30_000 }, async () => {
    await using server = await startScriptedServer(
      states({ metadata: { progress: '10%' } }, { metadata: { progress: '60%' }, updated_at: 'later' }, DONE),
    );
    const progress: unknown[] = [];
    const operation = await server.client.operations.wait('a1', {
      onProgress: (state) => progress.push(state.metadata?.progress ?? state.status),
    });
    assert.equal(operation.status, 'Success');
    assert.deepEqual(progress, ['10%', '60%', 'Success']);
    assert.ok(server.requests.every((line) => /\/1\.0\/operations\/a1\/wait\?timeout=\d+$/.test(line)));
  });

  it('takes the way Incus says "not yet" for what it is', { timeout: 30_000 }, async () => {
    await using server = await startScriptedServer(states('context deadline exceeded', {}, DONE));
    assert.equal((await server.client.operations.wait('a1')).status, 'Success');
  });

  it("throws the operation's own cause, however the server wraps it", { timeout: 30_000 }, async () => {
    await using lxd = await startScriptedServer(states(FAILED));
    await using incus = await startScriptedServer(states('no space left on device', FAILED));
    for (const server of [lxd, incus]) {
      await assert.rejects(server.client.operations.wait('a1'), (error) => {
        assert.ok(isLxdError(error, 'operation-failed'), String(error));
        assert.equal(error.message, 'no space left on device');
        return true;
      });
    }
  });

  it('tells a cancelled and a forgotten one apart', { timeout: 30_000 }, async () => {
    await using cancelled = await startScriptedServer(states({ status: 'Cancelled', status_code: 401 }));
    await using forgotten = await startScriptedServer({
      onRequest: (_, r) => replyError(r, 404, 'Not Found'),
    });
    await assert.rejects(cancelled.client.operations.wait('a1'), (e) => isLxdError(e, 'operation-cancelled'));
    await assert.rejects(forgotten.client.operations.wait('a1'), (e) => isLxdError(e, 'not-found'));
  });

  it('gives up at the deadline or with the caller', { timeout: 30_000 }, async () => {
    await using server = await startScriptedServer({
      onRequest: () => {
        // Holds the answer back, as /wait does.
      },
    });
    const abort = new AbortController();
    setImmediate(() => abort.abort());
    await assert.rejects(server.client.operations.wait('a1', { timeoutMs: 50 }), (e) =>
      isLxdError(e, 'timeout'),
    );
    await assert.rejects(server.client.operations.wait('a1', { signal: abort.signal }), (e) =>
      isLxdError(e, 'aborted'),
    );
  });
});

describe('waiting for an operation with an open event stream', () => {
  it('ends by the event, without asking again', { timeout: 30_000 }, async () => {
    let stream: WebSocket | undefined;
    await using server = await startScriptedServer({
      onSocket: (socket) => {
        stream = socket;
      },
      onRequest: (_, response) => {
        reply(response, operationJson('a1'));
        for (const fields of [{ metadata: { progress: '50%' }, updated_at: 'later' }, DONE]) {
          stream?.send(
            JSON.stringify({ type: 'operation', timestamp: 't', metadata: operationJson('a1', fields) }),
          );
        }
      },
    });
    await new Promise<void>((resolve) => server.client.events({ allProjects: true, onConnect: resolve }));
    assert.equal((await server.client.operations.wait('a1')).status, 'Success');
    assert.deepEqual(server.requests.slice(1), ['GET /1.0/operations/a1']);
  });

  it('falls back to asking when the stream breaks', { timeout: 30_000 }, async () => {
    let stream: WebSocket | undefined;
    let asked = 0;
    await using server = await startScriptedServer({
      onSocket: (socket) => {
        stream = socket;
      },
      onRequest: (request, response) => {
        asked += 1;
        reply(response, operationJson('a1', request.url?.includes('/wait') ? DONE : {}));
        stream?.terminate();
      },
    });
    const backoffMs = { first: 60_000, longest: 60_000 };
    await new Promise<void>((resolve) =>
      server.client.events({ allProjects: true, backoffMs, onConnect: resolve }),
    );
    assert.equal((await server.client.operations.wait('a1')).status, 'Success');
    assert.equal(asked, 2);
  });
});

describe('a change', () => {
  it('is waited for where a newer server does it in the background', { timeout: 30_000 }, async () => {
    await using server = await startScriptedServer({
      onRequest: (request, response) => {
        if (request.method === 'GET') {
          reply(response, operationJson('a1', FAILED));
          return;
        }
        response
          .writeHead(202)
          .end(
            JSON.stringify({ type: 'async', operation: '/1.0/operations/a1', metadata: operationJson('a1') }),
          );
      },
    });
    await assert.rejects(server.client.profiles.delete('p'), (e) => isLxdError(e, 'operation-failed'));
  });
});
