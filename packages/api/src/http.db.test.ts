import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { Problem } from '@longshore/contract';
import { type Log, type LogMethod, silentLog, sql } from '@longshore/store';
import { insertHost, openTestApi } from './testing/open-test-api.ts';

const json = { 'content-type': 'application/json' };

/** The problem of a reply, which has to be one. */
async function problemOf(response: Response): Promise<Problem> {
  assert.equal(response.headers.get('content-type')?.split(';')[0], 'application/problem+json');
  const problem = Problem.parse(await response.json());
  assert.equal(problem.status, response.status);
  assert.equal(problem.instance, `urn:uuid:${response.headers.get('x-request-id')}`);
  return problem;
}

describe('what is wrong with a request', () => {
  it('is a problem with its code, whatever it is', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const code = async (method: string, path: string, init: RequestInit = {}) =>
      (await problemOf(await api.ask(method, path, init))).code;
    assert.equal(await code('GET', '/nothing'), 'not-found');
    assert.equal(await code('GET', '/v1/hosts/not-a-uuid'), 'bad-request');
    assert.equal(await code('GET', '/v1/hosts?limit=0'), 'bad-request');
    assert.equal(await code('GET', '/v1/hosts?surprise=1'), 'bad-request');
    assert.equal(await code('GET', '/v1/hosts?filter=colour:red'), 'bad-filter');
    assert.equal(await code('GET', '/v1/hosts?cursor=forged'), 'bad-cursor');
    assert.equal(await code('GET', '/v1/hosts/%zz'), 'bad-request');
    assert.equal(await code('PUT', '/v1/hosts'), 'method-not-allowed');
    assert.equal(await code('PROPFIND', '/v1/hosts'), 'method-not-allowed');
    assert.equal(await code('DELETE', '/healthz'), 'method-not-allowed');
    assert.equal(await code('POST', '/v1/tokens', { body: 'x' }), 'unsupported-media-type');
    assert.equal(await code('POST', '/v1/tokens', { headers: json, body: '{"name":' }), 'bad-request');
    assert.equal(
      await code('POST', '/v1/tokens', { headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }),
      'bad-request',
    );
    assert.equal(
      await code('POST', '/v1/tokens', { headers: json, body: '['.repeat(1_000_000) }),
      'bad-request',
    );
    assert.equal(
      await code('POST', '/v1/tokens', { headers: json, body: 'x'.repeat(2 * 1024 * 1024 + 1) }),
      'too-large',
    );
    assert.equal(
      await code('POST', '/v1/instance-imports?name=a&host=b', { headers: json, body: '{}' }),
      'unsupported-media-type',
    );
    assert.equal(
      await code('POST', '/v1/host-probes', {
        headers: { ...json, 'idempotency-key': 'k'.repeat(256) },
        body: '{"url":"https://a.test"}',
      }),
      'bad-request',
    );
  });

  it('is told whatever its depth', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const body = `${'{"labels":'.repeat(150_000)}1${'}'.repeat(150_000)}`;
    for (const path of ['/v1/instances', '/v1/hosts', '/v1/bulk', '/v1/images']) {
      const reply = await api.ask('POST', path, { headers: { ...json, 'idempotency-key': 'deep' }, body });
      assert.equal((await problemOf(reply)).code, 'bad-request', path);
    }
  });

  it('is told at its field', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const body = JSON.stringify({ name: 'ok', scopes: ['hosts:read', 'nonsense'] });
    const { fields } = await problemOf(await api.ask('POST', '/v1/tokens', { headers: json, body }));
    assert.deepEqual(
      fields?.map((field) => field.path),
      ['scopes.1'],
    );
    const nul = JSON.stringify({ url: 'https://a.test/\u0000' });
    const pair = '{"labels":{"a":"\\ud800"}}';
    assert.equal(
      (await problemOf(await api.ask('POST', '/v1/host-probes', { headers: json, body: nul }))).code,
      'bad-request',
    );
    const host = await insertHost(api.store, 'a');
    const patch = await api.ask('PATCH', `/v1/hosts/${host}`, {
      headers: { ...json, 'if-match': '*' },
      body: pair,
    });
    assert.deepEqual((await problemOf(patch)).fields?.[0]?.path, 'labels.a');
  });

  it('is answered even where it is no HTTP', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.end('NONSENSE\r\n\r\n');
    const text = (await socket.setEncoding('utf8').toArray()).join('');
    assert.match(text, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"bad-request"/);
  });
});

describe('over TLS', () => {
  it('the same is answered', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t, { overTls: true });
    const url = `${api.url.replace('http:', 'https:')}/healthz`;
    // The certificate is a client's, which nobody trusts as a server's.
    const request = get(url, { rejectUnauthorized: false, agent: false });
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject);
    });
    assert.equal(reply.statusCode, 200);
    assert.equal((await reply.setEncoding('utf8').toArray()).join(''), '{"status":"ok"}');
  });
});

describe('methods', () => {
  it('are told by OPTIONS and Allow; HEAD is GET without the body', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const options = await api.ask('OPTIONS', '/v1/hosts', { token: '' });
    assert.equal(options.status, 204);
    assert.deepEqual(options.headers.get('allow')?.split(', ').toSorted(), [
      'GET',
      'HEAD',
      'OPTIONS',
      'POST',
    ]);
    const head = await api.ask('HEAD', '/v1/hosts');
    assert.equal(head.status, 200);
    assert.equal(await head.text(), '');
    assert.equal((await api.ask('HEAD', '/v1/events')).status, 405);
  });
});

describe('a failure that nobody foresaw', () => {
  it('is logged once under its identifier, and nothing of it reaches the client', {
    timeout: 60_000,
  }, async (t) => {
    const errors: unknown[] = [];
    const error: LogMethod = (fields) => errors.push(fields);
    const log: Log = { ...silentLog, error };
    const api = await openTestApi(t, { log });
    await sql`ALTER TABLE tokens RENAME COLUMN created_by TO moved_away`.execute(api.store.db);
    const reply = await api.ask('POST', '/v1/tokens', { headers: json, body: '{"name":"n","scopes":["*"]}' });
    const problem = await problemOf(reply);
    assert.equal(problem.code, 'internal');
    assert.ok(!JSON.stringify(problem).includes('created_by'));
    assert.equal(errors.length, 1);
    assert.ok(JSON.stringify(errors[0]).includes(problem.instance ?? 'none'));
  });
});

describe('a change of what others edit too', () => {
  it('needs the ETag of what was read', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const id = await insertHost(api.store, 'a');
    const patch = async (ifMatch: string | null, body: unknown) =>
      api.ask('PATCH', `/v1/hosts/${id}`, {
        headers: ifMatch === null ? json : { ...json, 'if-match': ifMatch },
        body: JSON.stringify(body),
      });
    const { etag } = await api.client.call('getHost', { params: { id } });
    assert.ok(etag !== null);
    assert.equal((await patch(null, { maintenance: true })).status, 428);
    const changed = await patch(etag, { maintenance: true });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), etag);
    for (const stale of [etag, `W/${changed.headers.get('etag')}`, '"x"', '"99999999999"']) {
      assert.equal(
        (await problemOf(await patch(stale, { maintenance: false }))).code,
        'precondition-failed',
        stale,
      );
    }
    assert.equal((await patch('*', { maintenance: false })).status, 200);
  });
});

describe('an idempotency key', () => {
  it('makes a repeated request the same operation, and another request a mismatch', {
    timeout: 60_000,
  }, async (t) => {
    const api = await openTestApi(t);
    const probe = (url: string) =>
      api.client
        .call('probeHost', { body: { url }, idempotencyKey: 'once' })
        .then(({ value }) => value.operation.id);
    const [first, second] = await Promise.all([probe('https://a.test:8443'), probe('https://a.test:8443')]);
    assert.equal(first, second);
    await assert.rejects(probe('https://b.test:8443'), { code: 'idempotency-mismatch' });
    const other = await api.client.call('probeHost', {
      body: { url: 'https://a.test:8443' },
      idempotencyKey: 'twice',
    });
    assert.notEqual(other.value.operation.id, first);
  });
});

describe('pages beside the API', () => {
  it('are readable without a token and take nothing from elsewhere', { timeout: 60_000 }, async (t) => {
    const api = await openTestApi(t);
    const docs = await api.ask('GET', '/docs', { token: '' });
    const html = await docs.text();
    assert.equal(docs.status, 200);
    assert.match(
      docs.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; style-src 'sha256-/,
    );
    for (const part of ['id="createInstance"', 'id="error-busy"', 'id="object-Instance"'])
      assert.ok(html.includes(part));
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//);
    const setup = await (await api.ask('GET', '/setup', { token: '' })).text();
    assert.match(setup, /location\.hash/);
    const document = await (await api.ask('GET', '/v1/openapi.json', { token: '' })).text();
    assert.match(document, /"openapi":"3\.1\.1"/);
  });

  it('tell whether the program is alive and ready, and its figures to who may see them', {
    timeout: 60_000,
  }, async (t) => {
    const api = await openTestApi(t, { settings: { metricsAccess: 'token' } });
    await insertHost(api.store, 'a');
    assert.equal((await api.ask('GET', '/healthz', { token: '' })).status, 200);
    assert.equal((await api.ask('GET', '/readyz', { token: '' })).status, 200);
    assert.equal((await api.ask('GET', '/metrics', { token: '' })).status, 401);
    const figures = await (await api.ask('GET', '/metrics')).text();
    assert.match(figures, /^longshore_hosts\{status="online"\} 1$/m);
    assert.match(
      figures,
      /^longshore_http_request_duration_seconds_count\{method="GET",route="\/readyz",status="200"\} 1$/m,
    );
    await api.store.close();
    assert.equal((await api.ask('GET', '/healthz', { token: '' })).status, 200);
    assert.equal((await api.ask('GET', '/readyz', { token: '' })).status, 503);
    assert.equal((await problemOf(await api.ask('GET', '/v1/hosts'))).code, 'unavailable');
  });
});
