import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from './client.ts';
import { LongshoreError, problemOf } from './problem.ts';
import type { FleetEvent } from './resources/event.ts';

const url = 'http://longshore.test/';
const ID = '7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10';
const token = {
  id: ID,
  name: 'ci',
  scopes: ['*'],
  roles: [],
  projects: null,
  createdBy: 'test',
  lastUsedFrom: null,
  createdAt: '2026-11-30T12:00:00Z',
  expiresAt: null,
  lastUsedAt: null,
};

/** A server that answers each request with what `answer` makes of it. */
function clientOf(answer: (request: Request) => Response | Promise<Response>) {
  return createClient({
    url,
    token: 'lsh_secret',
    fetch: async (input, init) => answer(new Request(input, init)),
  });
}

function failure(code: string) {
  return (error: unknown) => error instanceof LongshoreError && error.code === code;
}

const event = (id: string): FleetEvent => ({
  id,
  at: '2026-11-30T12:00:00Z',
  type: 'host.changed',
  resourceId: ID,
  hostId: ID,
  data: {},
});
const frame = (id: string) => `id: ${id}\nevent: host.changed\ndata: ${JSON.stringify(event(id))}\n\n`;

describe('the client', () => {
  it('sends what the route declares and reads the reply with its ETag', async () => {
    const client = clientOf(async (request) => {
      assert.equal(request.method, 'POST');
      assert.equal(request.url, 'http://longshore.test/v1/tokens');
      assert.equal(request.headers.get('authorization'), 'Bearer lsh_secret');
      assert.deepEqual(await request.json(), { name: 'ci', scopes: ['*'] });
      return Response.json({ ...token, secret: 's' }, { status: 201, headers: { etag: '"7"' } });
    });
    const { value, etag } = await client.call('createToken', { body: { name: 'ci', scopes: ['*'] } });
    assert.equal(value.secret, 's');
    assert.equal(etag, '"7"');
  });

  it('puts parameters into the path and the query', async () => {
    const seen: string[] = [];
    const client = clientOf((request) => {
      seen.push(`${request.method} ${request.url}`);
      return new Response(null, { status: 204 });
    });
    await client.call('revokeToken', { params: { id: ID } });
    await assert.rejects(
      client.call('deleteSnapshot', { params: { id: ID, snapshot: 'a/b?' } }),
      failure('unavailable'),
    );
    await assert.rejects(
      client.call('listHosts', { query: { filter: 'name:a b', limit: 5 } }),
      failure('unavailable'),
    );
    assert.deepEqual(seen, [
      `DELETE ${url}v1/tokens/${ID}`,
      `DELETE ${url}v1/instances/${ID}/snapshots/a%2Fb%3F`,
      `GET ${url}v1/hosts?filter=name%3Aa+b&limit=5`,
    ]);
  });

  it('throws the problem that the server answers with', async () => {
    const problem = problemOf(
      new LongshoreError('busy', 'Another operation runs.', { hint: 'Wait.' }),
      'urn:x',
    );
    const client = clientOf(() => Response.json(problem, { status: problem.status }));
    await assert.rejects(client.call('getServer'), {
      code: 'busy',
      message: 'Another operation runs.',
      hint: 'Wait.',
    });
  });

  it('says unavailable when something else answers, or nobody', async () => {
    for (const answer of [
      () => new Response('<html>502</html>', { status: 502 }),
      () => new Response('<html>login</html>'),
      () => Response.json({ surprising: true }),
      () => Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
    ]) {
      await assert.rejects(clientOf(answer).call('getServer'), failure('unavailable'));
    }
  });
});

describe('following events', () => {
  it('resumes after the last one when the line breaks, without loss or repetition', async () => {
    const asked: (string | null)[] = [];
    const client = clientOf((request) => {
      asked.push(request.headers.get('last-event-id'));
      const body = asked.length === 1 ? `: hello\n\n${frame('1-1')}${frame('1-2')}` : frame('2-1');
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { id } of client.events({ retryMs: 1, signal: stop.signal })) {
      seen.push(id);
      if (seen.length === 3) break;
    }
    assert.deepEqual(seen, ['1-1', '1-2', '2-1']);
    assert.deepEqual(asked, [null, '1-2']);
  });

  it('resumes from where the stream began when it breaks before the first event', async () => {
    const asked: (string | null)[] = [];
    const client = clientOf((request) => {
      asked.push(request.headers.get('last-event-id'));
      return new Response(asked.length === 1 ? ': hello\n\n' : frame('9-1'), {
        headers: { 'last-event-id': '8-0' },
      });
    });
    for await (const { id } of client.events({ retryMs: 1 })) {
      assert.equal(id, '9-1');
      break;
    }
    assert.deepEqual(asked, [null, '8-0']);
  });

  it('ends with the refusal when the token is not valid, and quietly when it is stopped', async () => {
    const refused = clientOf(() => {
      const problem = problemOf(new LongshoreError('unauthenticated', 'No.'));
      return Response.json(problem, { status: problem.status });
    });
    await assert.rejects(refused.events().next(), failure('unauthenticated'));

    const stop = new AbortController();
    const silent = clientOf(() => new Response(new ReadableStream()));
    const events = silent.events({ signal: stop.signal, onOpen: () => stop.abort() });
    assert.equal((await events.next()).done, true);
  });
});
