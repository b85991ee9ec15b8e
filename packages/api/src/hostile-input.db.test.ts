import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ERROR_CODES, openApi, Problem, type Route, routes, waitForOperation } from '@longshore/contract';
import { createFleet } from '@longshore/fleet';
import { type Log, silentLog, sql } from '@longshore/store';
import { startSimulatedHosts } from '@longshore/testbed';
import fc from 'fast-check';
import { z } from 'zod';
import { openTestApi, type TestApi } from './testing/open-test-api.ts';
import { arbitraryOf, corrupted, type JsonSchema, JUNK, type Material } from './testing/schema-arbitrary.ts';

/** At most this long for one route, beyond the first request: 140 routes stay within 40 s on a quiet machine. */
const ROUTE_LIMIT_MS = 250;
const RUNS_PER_ROUTE = 20;

const Schema = z.record(z.string(), z.unknown());
const Described = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: Schema })),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: Schema })) }).optional(),
});
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Described)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});
const document = Document.parse(openApi('test'));
const all: readonly Route[] = Object.values(routes);

type Hostile = Readonly<{
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}>;

/** Requests to a route: mostly well-formed with something wrong in it, sometimes right, sometimes noise. */
function requestsTo(route: Route, material: Material): fc.Arbitrary<Hostile> {
  const described = document.paths[route.path]?.[route.method.toLowerCase()];
  assert.ok(described !== undefined);
  const { schemas } = document.components;
  const junk = fc.constantFrom(...JUNK);
  const spoilt = (schema: JsonSchema) => {
    const right = arbitraryOf(schema, schemas, material);
    const wrong = fc
      .tuple(right, fc.nat(64), junk)
      .map(([value, place, each]) => corrupted(value, place, each));
    return fc.oneof({ weight: 3, arbitrary: right }, { weight: 2, arbitrary: wrong });
  };
  const parameters = fc.tuple(
    ...described.parameters.map(({ name, in: where, schema }) =>
      fc
        .option(name === 'waitSeconds' ? fc.constantFrom(0, -1, 1e9, 'x') : spoilt(schema), {
          freq: where === 'path' ? 1000 : 2,
        })
        .map((value) => ({ name, where, value })),
    ),
  );
  const content = Object.entries(described.requestBody?.content ?? {})[0];
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes));
  const body: fc.Arbitrary<string | Uint8Array<ArrayBuffer> | undefined> =
    content === undefined
      ? fc.constant(undefined)
      : route.stream === 'request'
        ? noise
        : fc.oneof(
            { weight: 12, arbitrary: spoilt(content[1].schema).map((value) => JSON.stringify(value)) },
            { weight: 1, arbitrary: noise },
          );
  const type = fc.oneof(
    { weight: 15, arbitrary: fc.constant(content?.[0]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'x', undefined),
    },
  );
  return fc.tuple(parameters, body, type).map(([values, text, mediaType]) => {
    let path = route.path;
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    for (const { name, where, value } of values) {
      const word = (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
        .toWellFormed()
        .slice(0, 2000);
      if (where === 'path') path = path.replace(`{${name}}`, encodeURIComponent(word));
      else if (value === null) continue;
      else if (where === 'query') query.append(name, word);
      else headers[name] = word.replaceAll(/[^\x20-\x7e]/g, '?').trim() || 'x';
    }
    if (mediaType !== undefined && text !== undefined) headers['content-type'] = mediaType;
    const search = query.toString();
    return {
      path: search === '' ? path : `${path}?${search}`,
      headers,
      ...(text === undefined ? {} : { body: text }),
    };
  });
}

/** A fleet of simulated hosts, at work, and what there is to name. */
async function openFleet(
  t: TestContext,
): Promise<Readonly<{ api: TestApi; material: Material; errors: unknown[] }>> {
  const errors: unknown[] = [];
  const log: Log = { ...silentLog, error: (fields, message) => errors.push({ ...fields, message }) };
  const api = await openTestApi(t, { log });
  // A process that carries consoles: without one, every console would be refused before anything is looked at.
  await sql`INSERT INTO console_proxies (id, seen_at) VALUES (gen_random_uuid(), now() + interval '1 hour')`.execute(
    api.store.db,
  );
  const { certificatePem } = await api.context.installation();
  const simulated = await startSimulatedHosts({
    count: 2,
    instancesPerHost: 4,
    trusted: [{ cert: certificatePem }],
  });
  const fleet = createFleet(api.context);
  await fleet.start();
  t.after(() => fleet.stop());
  t.after(() => simulated.close());
  for (const { name, url, fingerprint } of simulated.hosts) {
    const access = { by: 'trusted', url, fingerprint } as const;
    const { value } = await api.client.call('enrolHost', { body: { name, access } });
    await waitForOperation(api.client, value.operation.id);
  }
  const { value: hosts } = await api.client.call('listHosts');
  const { value: instances } = await api.client.call('listInstances');
  assert.equal(instances.total, 8);
  const material = {
    ids: [...instances.items.map(({ id }) => id), ...hosts.items.map(({ id }) => id)],
    names: [
      ...hosts.items.map(({ name }) => name),
      ...instances.items.map(({ name }) => name),
      'default',
      'snap0',
      'status:running',
      'host:sim1 -name:x*',
    ],
    // Nothing listens on port 1 of the loopback; no other machine is ever dialled.
    urls: [
      'https://127.0.0.1:1',
      'https://[::1]:1/x',
      'http://127.0.0.1:1',
      'file:///etc/passwd',
      'https://',
      'javascript:0',
    ],
  };
  return { api, material, errors };
}

/** The reply is what the route declares, or a problem that the contract knows. */
async function check(api: TestApi, route: Route, { path, headers, body }: Hostile): Promise<void> {
  const reply = await api.ask(route.method, path, { headers, ...(body === undefined ? {} : { body }) });
  const about = `${route.method} ${path}: ${reply.status}`;
  if (reply.status < 400) {
    assert.equal(reply.status, route.status, about);
    if (route.stream === 'events' || route.stream === 'reply') return void (await reply.body?.cancel());
    const text = await reply.text();
    assert.ok(route.reply.safeParse(text === '' ? undefined : JSON.parse(text)).success, `${about} ${text}`);
    return;
  }
  const text = await reply.text();
  assert.equal(
    reply.headers.get('content-type')?.split(';')[0],
    'application/problem+json',
    `${about} ${text}`,
  );
  const problem = Problem.parse(JSON.parse(text));
  assert.equal(reply.status, ERROR_CODES[problem.code].status, `${about} ${text}`);
  // A host that is being connected anew cannot be asked now, whatever the input was.
  const ofHost =
    ASKING_HOSTS.includes(route.id) && ['host-unreachable', 'unavailable'].includes(problem.code);
  assert.ok(reply.status < 500 || ofHost, `${about} ${text}`);
}

/** Routes that ask a host while somebody waits. */
const ASKING_HOSTS: readonly string[] = ['listInstanceLogs', 'readInstanceLog'];

describe('hostile input', () => {
  it('to any route is a problem of the contract, never a failure of ours, and leaves nothing half-made', {
    timeout: 170_000,
  }, async (t) => {
    const seed = Number(process.env.LONGSHORE_SEED ?? Math.trunc(Math.random() * 2 ** 31));
    t.diagnostic(`LONGSHORE_SEED=${seed}`);
    const { api, material, errors } = await openFleet(t);
    for (const route of all) {
      // Real hosts stay: without them the other routes would have less to do.
      const own =
        route.id === 'removeHost' ? { ...material, ids: ['7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10'] } : material;
      const until = performance.now() + ROUTE_LIMIT_MS;
      let asked = 0;
      await fc.assert(
        fc.asyncProperty(requestsTo(route, own), async (hostile) => {
          // One request at least, however busy the machine.
          if (asked > 0 && performance.now() > until) return;
          asked += 1;
          await check(api, route, hostile);
        }),
        { seed, numRuns: RUNS_PER_ROUTE },
      );
    }
    assert.deepEqual(errors, []);
    await allEnded(api);
    const { rows } = await sql<{ name: string }>`
      SELECT i.name FROM instances i LEFT JOIN operations o ON o.id = i.operation_id
      WHERE i.status = 'pending' OR (i.operation_id IS NOT NULL AND (o.id IS NULL OR o.ended_at IS NOT NULL))`.execute(
      api.store.db,
    );
    assert.deepEqual(rows, [], 'instances half-made or held by an operation that has ended');
  });
});

/** Cancels what would still be tried again, and waits until every operation has ended. */
async function allEnded(api: TestApi): Promise<void> {
  for (;;) {
    const unfinished = await sql<{
      id: string;
    }>`SELECT id FROM operations WHERE ended_at IS NULL LIMIT 100`.execute(api.store.db);
    if (unfinished.rows.length === 0) return;
    for (const { id } of unfinished.rows) {
      const reply = await api.ask('POST', `/v1/operations/${id}/cancel`);
      assert.ok(reply.status === 202 || reply.status === 409, `cancel: ${reply.status}`);
      await api.client.call('getOperation', { params: { id }, query: { waitSeconds: 1 } });
    }
  }
}
