import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  AuditEntry,
  FleetEvent,
  InstancePage,
  MyAccess,
  NewToken,
  Operation,
  Problem,
  pageOf,
  Token,
} from '@longshore/contract';
import { pruneAudit } from '@longshore/identity';
import { sql } from '@longshore/store';
import { z } from 'zod';
import { insertHost, openTestApi, type TestApi } from './testing/open-test-api.ts';

const timeout = 60_000;
const PASSWORD = 'correct horse battery';

/** A local account, and a token of it. */
async function person(api: TestApi, name: string): Promise<string> {
  const { value } = await api.client.call('createPerson', {
    body: { name, displayName: name, password: PASSWORD },
  });
  return (await api.identity.createToken({ name: 'own', scopes: ['*'], expiresAt: null }, name, value.id))
    .secret;
}

async function json(api: TestApi, method: string, path: string, token: string, body?: unknown) {
  const response = await api.ask(method, path, {
    token,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const value: unknown = response.status === 204 ? undefined : await response.json();
  return { status: response.status, value, code: response.ok ? null : Problem.parse(value).code };
}

async function insertInstance(
  api: TestApi,
  hostId: string,
  name: string,
  projectId: string | null,
): Promise<string> {
  const id = randomUUID();
  await sql`INSERT INTO instances (id, host_id, name, type, claimed, status, project_id)
    VALUES (${id}::uuid, ${hostId}::uuid, ${name}, 'container', true, 'running', ${projectId}::uuid)`.execute(
    api.store.db,
  );
  return id;
}

const audited = async (api: TestApi, filter: string) =>
  (await api.client.call('listAudit', { query: { filter } })).value.items;

describe('a member of a project', () => {
  it('works there as the role says, and finds nothing elsewhere', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const anna = await person(api, 'anna');
    const bert = await person(api, 'bert');
    const { value: lab } = await api.client.call('createProject', {
      body: { name: 'lab', quota: { instances: 3 } },
    });
    const { value: shop } = await api.client.call('createProject', { body: { name: 'shop' } });
    const theirs = await insertInstance(api, hostId, 'theirs', shop.id);
    const add = (token: string, project: string, name: string, role: string) =>
      json(api, 'POST', `/v1/projects/${project}/members`, token, {
        subject: { kind: 'person', name },
        role,
      });

    assert.equal((await json(api, 'GET', '/v1/instances', anna)).status, 403);
    await api.client.call('addMember', {
      params: { id: 'lab' },
      body: { subject: { kind: 'person', name: 'anna' }, role: 'admin' },
    });
    assert.equal((await add(anna, 'lab', 'bert', 'operator')).status, 201);
    assert.equal((await add(anna, 'shop', 'bert', 'operator')).code, 'not-found');
    assert.equal((await add(bert, 'lab', 'anna', 'viewer')).code, 'permission-denied');

    const wanted = { name: 'web', source: { image: 'debian/12' }, placement: { host: 'h1' } };
    assert.equal((await json(api, 'POST', '/v1/instances', anna, wanted)).code, 'permission-denied');
    assert.equal(
      (await json(api, 'POST', '/v1/instances', anna, { ...wanted, project: 'shop' })).code,
      'not-found',
    );
    const reaching = { ...wanted, project: 'lab', config: { 'security.privileged': 'true' } };
    assert.equal((await json(api, 'POST', '/v1/instances', anna, reaching)).code, 'host-reach-denied');
    const devices = { data: { type: 'disk', source: '/', path: '/mnt' } };
    assert.equal(
      (await json(api, 'POST', '/v1/instances', anna, { ...wanted, project: 'lab', devices })).code,
      'host-reach-denied',
    );
    assert.equal(
      (await json(api, 'POST', '/v1/instances', bert, { ...wanted, project: 'lab' })).code,
      'permission-denied',
    );

    const ours = await insertInstance(api, hostId, 'ours', lab.id);
    const page = await json(api, 'GET', '/v1/instances', bert);
    const { items, total, projects } = InstancePage.parse(page.value);
    assert.deepEqual(
      [items.map(({ name }) => name), total, projects],
      [['ours'], 1, { [lab.id]: { name: 'lab' } }],
    );
    const stop = { action: 'stop' };
    assert.equal((await json(api, 'POST', `/v1/instances/${theirs}/power`, bert, stop)).code, 'not-found');
    assert.equal((await json(api, 'POST', `/v1/instances/${ours}/power`, bert, stop)).status, 202);
    const bulk = (instances: string[]) =>
      json(api, 'POST', '/v1/bulk', bert, { action: { do: 'power', power: stop }, instances });
    assert.equal((await bulk([ours, theirs])).code, 'not-found');
    assert.equal((await bulk([ours])).status, 202);
    assert.equal(
      (await json(api, 'PATCH', `/v1/instances/${ours}/configuration`, bert, { description: 'x' })).status,
      403,
    );
    const operations = await json(api, 'GET', '/v1/operations', anna);
    assert.equal(pageOf(Operation).parse(operations.value).total, 1); // not bert's bulk, which spans no project
    const own = MyAccess.parse((await json(api, 'GET', '/v1/me/access', bert)).value);
    assert.deepEqual(
      own.parts.map(({ kind, name }) => [kind, name]),
      [['project', 'lab']],
    );
  });

  it('follows the events of the project alone, until the role ends', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const anna = await person(api, 'anna');
    const { value: lab } = await api.client.call('createProject', { body: { name: 'lab' } });
    const { value: member } = await api.client.call('addMember', {
      params: { id: 'lab' },
      body: { subject: { kind: 'person', name: 'anna' }, role: 'viewer' },
    });
    const stream = await api.ask('GET', '/v1/events', { token: anna });
    await insertInstance(api, hostId, 'nobodys', null);
    const ours = await insertInstance(api, hostId, 'ours', lab.id);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(ours)) text += (await reader?.read())?.value ?? assert.fail('the stream ended');
    await api.client.call('removeMember', { params: { id: 'lab', binding: member.id } });
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
      text += part.value;
    const seen = [...text.matchAll(/^data: (.*)$/gm)].map((line) =>
      FleetEvent.parse(JSON.parse(line[1] ?? '')),
    );
    assert.deepEqual(
      [...new Set(seen.map(({ resourceId }) => resourceId))].filter((id) => id !== lab.id),
      [ours],
    );
    assert.equal((await json(api, 'GET', `/v1/instances/${ours}`, anna)).status, 403);
  });

  it('follows what is done to instances with a label, for who has a role there', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const bert = await person(api, 'bert');
    const { value: binding } = await api.client.call('createBinding', {
      body: {
        subject: { kind: 'person', name: 'bert' },
        role: 'viewer',
        scope: { kind: 'label', name: 'team=web' },
      },
    });
    const other = await insertInstance(api, hostId, 'other', null);
    const ours = await insertInstance(api, hostId, 'ours', null);
    await sql`UPDATE instances SET labels = '{"team": "web"}' WHERE id = ${ours}`.execute(api.store.db);
    const stream = await api.ask('GET', '/v1/events?types=operation.changed', { token: bert });
    for (const id of [other, ours])
      await api.client.call('powerInstance', { params: { id }, body: { action: 'stop' } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(ours)) text += (await reader?.read())?.value ?? assert.fail('the stream ended');
    // Ends the stream.
    await api.client.call('deleteBinding', { params: { id: binding.id } });
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
      text += part.value;
    assert.ok(!text.includes(other));
  });

  it('narrows an own token, which then does less', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const { value: anna } = await api.client.call('createPerson', {
      body: { name: 'anna', displayName: 'Anna', password: PASSWORD },
    });
    const { value: lab } = await api.client.call('createProject', { body: { name: 'lab' } });
    await api.client.call('createBinding', {
      body: {
        subject: { kind: 'person', name: anna.id },
        role: 'admin',
        scope: { kind: 'project', name: 'lab' },
      },
    });
    const token = await api.identity.createToken(
      { name: 'read', scopes: ['instances:read'], expiresAt: null },
      'anna',
      anna.id,
    );
    const ours = await insertInstance(api, hostId, 'ours', lab.id);
    assert.equal((await json(api, 'GET', `/v1/instances/${ours}`, token.secret)).status, 200);
    assert.equal(
      (await json(api, 'POST', `/v1/instances/${ours}/power`, token.secret, { action: 'stop' })).status,
      403,
    );
  });
});

describe('a robot', () => {
  it('works in the projects of its roles, made and revoked by who may let members in', {
    timeout,
  }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const anna = await person(api, 'anna');
    for (const name of ['lab', 'web', 'secret']) await api.client.call('createProject', { body: { name } });
    const projects = (await api.client.call('listProjects', {})).value.items;
    const idOf = (name: string) => projects.find((project) => project.name === name)?.id ?? '';
    for (const id of ['lab', 'web']) {
      const subject = { kind: 'person', name: 'anna' } as const;
      await api.client.call('addMember', { params: { id }, body: { subject, role: 'admin' } });
    }
    const make = (body: unknown, token = anna) => json(api, 'POST', '/v1/projects/lab/tokens', token, body);
    const robot = { name: 'ci', role: 'operator', also: [{ project: 'web', role: 'viewer' }] };
    assert.equal((await make({ ...robot, also: [{ project: 'secret', role: 'viewer' }] })).code, 'not-found');
    const made = NewToken.parse((await make(robot)).value);
    assert.deepEqual(
      made.roles.map(({ project, role }) => `${project.name} ${role}`),
      ['lab operator', 'web viewer'],
    );
    assert.equal((await make(robot)).code, 'name-taken');
    const ours = await insertInstance(api, hostId, 'ours', idOf('lab'));
    const theirs = await insertInstance(api, hostId, 'theirs', idOf('web'));
    const hidden = await insertInstance(api, hostId, 'hidden', idOf('secret'));
    const stop = (id: string) =>
      json(api, 'POST', `/v1/instances/${id}/power`, made.secret, { action: 'stop' });
    assert.deepEqual(
      [(await stop(ours)).status, (await stop(theirs)).code, (await stop(hidden)).code],
      [202, 'permission-denied', 'not-found'],
    );
    assert.equal((await json(api, 'GET', '/v1/hosts', made.secret)).code, 'permission-denied');
    assert.equal((await make({ name: 'more', role: 'viewer' }, made.secret)).code, 'permission-denied');
    // Each project sees its own part of the robot, and takes that away.
    const listed = async (project: string) => {
      const { value } = await json(api, 'GET', `/v1/projects/${project}/tokens`, anna);
      return z
        .object({ items: z.array(Token) })
        .parse(value)
        .items.map(({ roles }) => roles.length);
    };
    assert.deepEqual([await listed('lab'), await listed('web')], [[1], [1]]);
    const away = (project: string) => json(api, 'DELETE', `/v1/projects/${project}/tokens/${made.id}`, anna);
    assert.equal((await away('lab')).status, 204);
    assert.equal((await away('lab')).code, 'not-found');
    const see = async (id: string) => (await json(api, 'GET', `/v1/instances/${id}`, made.secret)).status;
    assert.deepEqual([await see(ours), await see(theirs)], [404, 200]);
    const [entry] = await audited(api, 'action:revokeProjectToken result:ok');
    assert.deepEqual([entry?.who.name, entry?.target.name], ['anna', 'token ci']);
    // It ends with its last role, whatever took that away.
    await sql`UPDATE instances SET project_id = NULL`.execute(api.store.db);
    await api.client.call('deleteProject', { params: { id: 'web' } });
    assert.equal((await json(api, 'GET', '/v1/me', made.secret)).code, 'unauthenticated');
  });

  it('is made by nobody who may do less, and lives no longer than the token that made it', {
    timeout,
  }, async (t) => {
    const api = await openTestApi(t);
    await api.client.call('createProject', { body: { name: 'lab' } });
    const anna = await person(api, 'anna');
    const subject = { kind: 'person', name: 'anna' } as const;
    await api.client.call('addMember', { params: { id: 'lab' }, body: { subject, role: 'admin' } });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const own = (body: unknown, token = anna) => json(api, 'POST', '/v1/me/tokens', token, body);
    const narrow = { name: 'n', scopes: ['projects:members', 'projects:read'], projects: ['lab'], expiresAt };
    const token = NewToken.parse((await own(narrow)).value);
    assert.deepEqual(
      token.projects?.map(({ name }) => name),
      ['lab'],
    );
    const make = (role: string, end: string | null) =>
      json(api, 'POST', '/v1/projects/lab/tokens', token.secret, { name: 'r', role, expiresAt: end });
    assert.equal((await make('viewer', expiresAt)).code, 'permission-denied', 'its scopes see no instances');
    assert.equal((await make('viewer', null)).code, 'permission-denied');
    const wide = { ...narrow, name: 'w', scopes: ['*'] };
    assert.equal((await own(wide, token.secret)).code, 'permission-denied', 'scopes');
    const unbound = { ...narrow, name: 'u', projects: null };
    assert.equal((await own(unbound, token.secret)).code, 'permission-denied', 'projects');
  });
});

describe('roles', () => {
  it('are given by nobody who has them not, and by groups to whoever is in them', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const robot = await api.token('roles:write', 'roles:read');
    await person(api, 'anna');
    const bind = (body: unknown) => json(api, 'POST', '/v1/bindings', robot, body);
    const anna = { kind: 'person', name: 'anna' };
    assert.equal((await bind({ subject: anna, role: 'admin' })).code, 'permission-denied');
    assert.equal((await bind({ subject: anna, role: 'viewer' })).code, 'bad-request');
    assert.equal(
      (await bind({ subject: anna, role: 'viewer', scope: { kind: 'label', name: 'env=test' } })).code,
      'permission-denied',
    );
    const { value: group } = await api.client.call('createBinding', {
      body: { subject: { kind: 'group', name: 'gitlab:infra' }, role: 'auditor' },
    });
    await api.client.call('deleteBinding', { params: { id: group.id } });
    assert.deepEqual((await api.client.call('listBindings', {})).value.items, []);
  });
});

describe('the audit log', () => {
  it('tells who did what from where with what result, and never a secret', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const id = await insertInstance(api, hostId, 'web', null);
    const reader = await api.token('instances:read');
    const { value } = await api.client.call('powerInstance', { params: { id }, body: { action: 'stop' } });
    await json(api, 'POST', `/v1/instances/${id}/power`, reader, { action: 'stop' });
    await api.client
      .call('powerInstance', { params: { id }, body: { action: 'start' } })
      .catch(() => undefined);
    const entries = await audited(api, 'action:powerInstance');
    assert.deepEqual(
      entries.map(({ status, code, target, operationId }) => [status, code, target.id, operationId]),
      [
        [409, 'busy', id, null],
        [403, 'permission-denied', id, null],
        [202, null, id, value.operation.id],
      ],
    );
    assert.equal(entries[2]?.target.name, 'web');
    assert.match(entries[2]?.via ?? '', /^token:/);
    assert.match(entries[2]?.address ?? '', /^(?:::ffff:)?127\.0\.0\.1$/);
    assert.equal((await audited(api, `operation:${value.operation.id}`)).length, 1);
    await api.client.call('updateHost', {
      params: { id: hostId },
      body: { labels: { a: 'b' } },
      ifMatch: '"1"',
    });
    for (const filter of [`host:${hostId}`, 'host:h*'])
      assert.deepEqual(
        (await audited(api, filter)).map(({ action }) => action),
        ['updateHost'],
        filter,
      );

    await person(api, 'anna');
    const login = (password: string) =>
      api.ask('POST', '/v1/login', {
        token: '',
        headers: {
          'content-type': 'application/json',
          'x-longshore-csrf': '1',
          'sec-fetch-site': 'same-origin',
        },
        body: JSON.stringify({ name: 'anna', password }),
      });
    assert.equal((await login('not her password')).status, 401);
    assert.equal((await login(PASSWORD)).status, 200);
    await api.ask('GET', '/v1/hosts', { token: 'lsh_wrong' });
    const logins = await audited(api, 'action:login');
    assert.deepEqual(
      logins.map(({ status, target, who }) => [status, target.name, who.kind]),
      [
        [200, 'anna', 'person'],
        [401, 'anna', 'nobody'],
      ],
    );
    assert.equal((await audited(api, 'action:listHosts result:refused')).length, 1);

    const exported = await api.ask('GET', '/v1/audit/export?filter=action:powerInstance');
    assert.match(exported.headers.get('content-type') ?? '', /^application\/x-ndjson/);
    const lines = (await exported.text()).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => AuditEntry.parse(JSON.parse(line)).status),
      [202, 403, 409],
    );
    const whole = JSON.stringify((await sql`SELECT to_jsonb(a) FROM audit a`.execute(api.store.db)).rows);
    for (const secret of [PASSWORD, 'not her password', reader, 'lsh_'])
      assert.ok(!whole.includes(secret), secret);
  });

  it('keeps an entry if and only if the change is kept', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const hostId = await insertHost(api.store, 'h1');
    const id = await insertInstance(api, hostId, 'web', null);
    await sql`ALTER TABLE audit ADD CONSTRAINT broken CHECK (action <> 'powerInstance')`.execute(
      api.store.db,
    );
    const response = await api.ask('POST', `/v1/instances/${id}/power`, {
      headers: { 'content-type': 'application/json' },
      body: '{"action":"stop"}',
    });
    assert.equal(response.status, 500);
    assert.equal((await api.client.call('listOperations', {})).value.total, 0);
  });

  it('is append-only, and goes only when its time is over', { timeout }, async (t) => {
    const api = await openTestApi(t);
    const { db } = api.store;
    await api.client.call('createProject', { body: { name: 'lab' } });
    for (const statement of ['UPDATE audit SET who = $$x$$', 'DELETE FROM audit', 'TRUNCATE audit']) {
      await assert.rejects(sql.raw(statement).execute(db), /append-only/);
    }
    await sql`INSERT INTO audit (at, who_kind, who_id, who, via, address, action, target_kind, target_id, target_name,
      status, request_id)
      SELECT now() - interval '40 days', 'nobody', '', '', '', '', 'old', '', '', '', 200, '' FROM generate_series(1, 3)`.execute(
      db,
    );
    await assert.rejects(
      api.client.call('updateAuditSettings', { body: { keepDays: 1 } }),
      (error: unknown) => error instanceof Error,
    );
    await api.client.call('updateAuditSettings', { body: { keepDays: 30 } });
    assert.equal((await audited(api, 'action:updateAuditSettings result:ok')).length, 1);
    assert.equal((await api.client.call('getAuditSettings', {})).value.keepDays, 30);
    assert.equal(await pruneAudit(api.store), 3);
    assert.equal(await pruneAudit(api.store), 0);
  });
});
