import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Operation } from '@longshore/contract';
import { runInMemory } from '../testing/memory-io.ts';

const ID = '7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10';
const AT = '2026-11-30T12:00:00Z';
const CONTENT = Buffer.from('what an instance is made of '.repeat(5000));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const env = { LONGSHORE_URL: 'http://longshore.test', LONGSHORE_TOKEN: 'lsh_test' };

const operation: Operation = {
  id: ID,
  action: 'instance.export',
  target: { kind: 'instance', id: ID, name: 'web1' },
  hostId: ID,
  parentId: null,
  status: 'succeeded',
  progressPercent: 100,
  steps: [],
  attempts: 1,
  failure: null,
  result: { exportId: ID, sha256: SHA256 },
  requestedBy: 'test',
  createdAt: AT,
  startedAt: AT,
  endedAt: AT,
  items: null,
};
/** Just what a list shows of an instance; the client checks it against the contract. */
const item = {
  id: ID,
  name: 'web1',
  hostId: ID,
  projectId: null,
  lxdProject: 'default',
  type: 'container',
  status: 'stopped',
  claimed: true,
  protected: false,
  labels: {},
  addresses: [],
  image: null,
  cpu: null,
  memory: null,
  snapshots: 0,
  createdAt: AT,
  expiresAt: null,
  observedAt: AT,
  operationId: null,
};

/** A server with one instance whose export is `content`; notes what it was asked. */
function serverWith(content: Buffer, asked: string[]): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    if (pathname === '/v1/instances')
      return Response.json({ items: [item], next: null, total: 1, hosts: {}, projects: {} });
    if (pathname === `/v1/exports/${ID}/file`) return new Response(content);
    if (request.method === 'DELETE') return new Response(null, { status: 204 });
    if (pathname === '/v1/instance-imports') {
      asked.push(search, Buffer.from(await request.arrayBuffer()).toString());
      return Response.json({ operation, instanceId: ID }, { status: 202 });
    }
    return pathname === `/v1/operations/${ID}`
      ? Response.json(operation)
      : Response.json({ operation }, { status: 202 });
  };
}

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-export-'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('an export', () => {
  it('is downloaded whole, and taken away from the server', async () => {
    const asked: string[] = [];
    const file = join(folder, 'web1.tar.gz');
    const { exit, err } = await runInMemory(['instance', 'export', 'web1', file], {
      env,
      fetch: serverWith(CONTENT, asked),
    });
    assert.equal(exit, 0, err);
    assert.ok(CONTENT.equals(await readFile(file)));
    assert.equal(asked.at(-1), `DELETE /v1/exports/${ID}`);
    assert.deepEqual(await readdir(folder), ['web1.tar.gz']);
  });

  it('does not overwrite a file unless asked to', async () => {
    const file = join(folder, 'there');
    await writeFile(file, 'precious');
    const run = (...more: string[]) =>
      runInMemory(['instance', 'export', 'web1', file, ...more], { env, fetch: serverWith(CONTENT, []) });
    assert.equal((await run()).exit, 2);
    assert.equal(await readFile(file, 'utf8'), 'precious');
    assert.equal((await run('--overwrite')).exit, 0);
    assert.ok(CONTENT.equals(await readFile(file)));
  });

  it('leaves no file behind when it arrives damaged', async () => {
    const asked: string[] = [];
    const file = join(folder, 'damaged');
    const { exit, err } = await runInMemory(['instance', 'export', 'web1', file], {
      env,
      fetch: serverWith(CONTENT.subarray(1), asked),
    });
    assert.equal(exit, 1);
    assert.match(err, /arrived damaged/);
    assert.ok(!(await readdir(folder)).some((name) => name.startsWith('damaged')));
    assert.ok(!asked.some((each) => each.startsWith('DELETE')), 'the server keeps it for another try');
  });

  it('can be given back as a stream', async () => {
    const asked: string[] = [];
    const { exit, err } = await runInMemory(['instance', 'import', '-', 'web2', '--host', 'b'], {
      env,
      stdin: 'bytes of an export',
      fetch: serverWith(CONTENT, asked),
    });
    assert.equal(exit, 0, err);
    assert.deepEqual(asked.slice(0, 3), [
      'POST /v1/instance-imports',
      '?name=web2&host=b',
      'bytes of an export',
    ]);
  });
});
