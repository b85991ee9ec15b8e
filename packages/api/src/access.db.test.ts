import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DnsZoneCreation, type Route, routes } from '@longshore/contract';
import { createZone } from '@longshore/dns';
import { createProject } from '@longshore/fleet';
import { sql } from '@longshore/store';
import { insertHost, openTestApi, type TestApi } from './testing/open-test-api.ts';

const all: readonly Route[] = Object.values(routes);
const SPEC = new URL('../../../docs/spec/access.md', import.meta.url);
const timeout = 120_000;

/** A fleet with two projects, one instance, operation and export in each, and a person for each role. */
async function furnish(t: Parameters<typeof openTestApi>[0]) {
  const api = await openTestApi(t);
  const { store } = api;
  const hostId = await insertHost(store, 'h1');
  await sql`INSERT INTO console_proxies (id, seen_at) VALUES (gen_random_uuid(), now() + interval '1 hour')`.execute(
    store.db,
  );
  const project = (name: string) => store.transaction((trx) => createProject(trx, { name }, 'test'));
  const own = (await project('own')).id;
  const other = (await project('other')).id;
  await store.transaction((trx) =>
    createZone(trx, DnsZoneCreation.parse({ name: 'i.test', nameServers: ['ns.test'] }), 'test'),
  );
  const things = async (projectId: string, name: string) => {
    const ids = {
      instance: randomUUID(),
      operation: randomUUID(),
      export: randomUUID(),
      member: randomUUID(),
      robot: randomUUID(),
      record: randomUUID(),
    };
    await sql`INSERT INTO instances (id, host_id, name, type, claimed, status, project_id, labels)
      VALUES (${ids.instance}::uuid, ${hostId}::uuid, ${name}, 'container', true, 'running', ${projectId}::uuid,
        ${JSON.stringify({ team: name })}::jsonb)`.execute(store.db);
    await sql`INSERT INTO operations (id, action, target_kind, target_id, target_name, host_id, input, requested_by, status,
        ended_at)
      VALUES (${ids.operation}::uuid, 'instance.power', 'instance', ${ids.instance}, ${name}, ${hostId}::uuid, '{}', 'x',
        'failed', now())`.execute(store.db);
    await sql`INSERT INTO tokens (id, name, secret_hash, scopes, created_by)
      VALUES (${ids.robot}::uuid, ${`robot of ${name}`}, ${Buffer.from(name)}, '{}', 'test')`.execute(
      store.db,
    );
    return ids;
  };
  const person = async (
    name: string,
    status: string,
    ...bindings: readonly (readonly [string, string, string])[]
  ) => {
    const id = randomUUID();
    await sql`INSERT INTO people (id, name, display_name, status, created_by)
      VALUES (${id}::uuid, ${name}, ${name}, ${status}, 'test')`.execute(store.db);
    for (const [role, kind, scope] of bindings) {
      await sql`INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope)
        VALUES (gen_random_uuid(), 'person', ${id}, ${role}, ${kind}, ${scope})`.execute(store.db);
    }
    const projectIds = name === 'narrow' ? [own] : null;
    const token = { name: 'own', scopes: ['*'], projectIds, expiresAt: null };
    return (await api.identity.createToken(token, name, id)).secret;
  };
  const roles = {
    nobody: await person('no-role', 'active'),
    pending: await person('pending', 'pending', ['admin', 'fleet', '']),
    viewer: await person('viewer', 'active', ['viewer', 'project', own]),
    operator: await person('operator', 'active', ['operator', 'project', own]),
    'project admin': await person('manager', 'active', ['admin', 'project', own]),
    'host operator': await person('host-operator', 'active', ['operator', 'host', hostId]),
    'label viewer': await person('label-viewer', 'active', ['viewer', 'label', 'team=ours']),
    'project robot': (
      await api.identity.createToken(
        { name: 'robot', scopes: [], roles: [{ projectId: own, role: 'operator' }], expiresAt: null },
        'test',
      )
    ).secret,
    'narrowed admin': await person('narrow', 'active', ['admin', 'fleet', '']),
    auditor: await person('auditor', 'active', ['auditor', 'fleet', '']),
    admin: await person('chief', 'active', ['admin', 'fleet', '']),
  };
  return {
    api,
    own,
    other,
    hostId,
    ours: await things(own, 'ours'),
    theirs: await things(other, 'theirs'),
    roles,
  };
}

type Furnished = Awaited<ReturnType<typeof furnish>>;

/** The path of a route about something of one project; its body is wrong on purpose, so that nothing is changed. */
function pathOf(route: Route, fleet: Furnished, mine: boolean): string {
  const ids = mine ? fleet.ours : fleet.theirs;
  const project = mine ? fleet.own : fleet.other;
  return route.path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    if (name === 'fingerprint') return 'f'.repeat(64);
    if (name === 'record') return ids.record;
    if (name === 'token') return ids.robot;
    if (name === 'binding') return mine ? fleet.ours.member : fleet.theirs.member;
    if (name === 'name') return 'console';
    if (name !== 'id') return 'none';
    if (route.path.startsWith('/v1/dns/')) return mine ? 'own.i.test' : 'other.i.test';
    if (route.tag === 'projects') return project;
    if (route.path.startsWith('/v1/operations')) return ids.operation;
    if (route.path.startsWith('/v1/exports')) return ids.export;
    if (route.path.startsWith('/v1/instances')) return ids.instance;
    return randomUUID();
  });
}

/** Bodies of routes that look at what the request is about only after its form was found right. */
const BODIES: Readonly<Record<string, unknown>> = {
  createInstance: { name: 'x', source: { image: 'none' }, placement: { labels: { none: 'such' } } },
  updateInstance: { protected: false },
  configureInstance: { description: '' },
  powerInstance: { action: 'stop' },
  renameInstance: { name: 'renamed' },
  moveInstance: { placement: { labels: { none: 'such' } } },
  copyInstance: { name: 'copy', placement: { labels: { none: 'such' } } },
  createSnapshot: { name: 's1' },
  exportInstance: {},
  openConsole: { type: 'shell' },
  cancelOperation: {},
  restoreSnapshot: {},
  createDnsRecord: { name: 'x', type: 'TXT', value: 'x' },
  updateDnsRecord: { ttlSeconds: 60 },
  createProjectToken: { name: 'new', role: 'viewer', expiresAt: '2000-01-01T00:00:00Z' },
  addMember: { subject: { kind: 'group', name: 'gitlab:crew' }, role: 'viewer' },
  setInstanceSshAccess: { users: null },
  setProjectSshAccess: { users: null },
  rotateSshHostKeys: {},
  importSshHostKeys: { from: 'guest' },
  bulk: { action: { do: 'power', power: { action: 'stop' } }, filter: 'name:none' },
};

async function ask(
  api: TestApi,
  route: Route,
  path: string,
  token: string,
  projectId: string,
): Promise<number> {
  const type = route.stream === 'request' ? 'application/octet-stream' : 'application/json';
  const withBody = route.method !== 'GET' && route.method !== 'DELETE';
  const known = BODIES[route.id];
  const body =
    route.id === 'createInstance' ? { ...(BODIES.createInstance as object), project: projectId } : known;
  const response = await api.ask(route.method, path, {
    token,
    headers: {
      ...(withBody ? { 'content-type': type } : {}),
      ...(route.etag === 'required' ? { 'if-match': '"999"' } : {}),
    },
    ...(withBody ? { body: JSON.stringify(body ?? { unknown: 1 }) } : {}),
  });
  await response.body?.cancel();
  return response.status;
}

/** Routes that ask a host while somebody waits: no process here has a session with one. */
const ASKING_HOSTS: readonly string[] = ['listInstanceLogs', 'readInstanceLog'];

/** What an answer means for who asked. Of what is the whole fleet's, something is asked for that is not there. */
function verdict(route: Route, status: number): 'yes' | 'no' | 'hidden' {
  assert.ok(status < 500 || ASKING_HOSTS.includes(route.id), `${route.id}: ${status}`);
  if (status === 401 || status === 403) return 'no';
  return status === 404 && route.partial === true ? 'hidden' : 'yes';
}

/** Makes anew what a route before may have removed. */
async function restore({ api, own, other, ours, theirs }: Furnished): Promise<void> {
  await writeFile(join(api.context.dataDir, 'none'), 'x');
  for (const [ids, project] of [
    [ours, own],
    [theirs, other],
  ] as const) {
    await sql`INSERT INTO exports (id, instance_id, instance_name, path, size_bytes, sha256, expires_at)
      VALUES (${ids.export}::uuid, ${ids.instance}::uuid, 'x', 'none', 1, '', now() + interval '1 day')
      ON CONFLICT DO NOTHING`.execute(api.store.db);
    await sql`UPDATE tokens SET revoked_at = NULL WHERE id = ${ids.robot}::uuid`.execute(api.store.db);
    await sql`INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope)
      VALUES (gen_random_uuid(), 'robot', ${ids.robot}, 'viewer', 'project', ${project})
      ON CONFLICT DO NOTHING`.execute(api.store.db);
    await sql`INSERT INTO bindings (id, subject_kind, subject, role, scope_kind, scope)
      VALUES (${ids.member}::uuid, 'group', 'gitlab:all', 'viewer', 'project', ${project})
      ON CONFLICT DO NOTHING`.execute(api.store.db);
    await sql`INSERT INTO dns_records (id, zone_id, owner, type, value, rdata, created_by)
      SELECT ${ids.record}::uuid, id, 'www', 1, '192.0.2.1', '\\xc0000201', 'test' FROM dns_zones
      WHERE project_id = ${project}::uuid ON CONFLICT DO NOTHING`.execute(api.store.db);
  }
}

/** Routes after which something is missing, or that need what others removed. */
const REMOVING: readonly string[] = [
  'revokeProjectToken',
  'downloadExport',
  'deleteExport',
  'removeMember',
  'updateDnsRecord',
  'deleteDnsRecord',
];

describe('every route', () => {
  it('answers each role as docs/spec/access.md says', { timeout }, async (t) => {
    const fleet = await furnish(t);
    const { api, roles } = fleet;
    const lines: string[] = [];
    for (const route of all) {
      if (route.permission === null) continue;
      if (ASKING_HOSTS.includes(route.id))
        await sql`UPDATE hosts SET status = 'unreachable'`.execute(api.store.db);
      const cellOf = async ([role, token]: readonly [string, string]): Promise<string> => {
        if (route.permission === 'self') {
          const shut = role === 'pending' && route.pendingToo !== true;
          return shut
            ? verdict(route, await ask(api, route, pathOf(route, fleet, true), token, fleet.own))
            : 'self';
        }
        if (REMOVING.includes(route.id)) await restore(fleet);
        const own = verdict(route, await ask(api, route, pathOf(route, fleet, true), token, fleet.own));
        const other = verdict(route, await ask(api, route, pathOf(route, fleet, false), token, fleet.other));
        return own === other ? own : `${own} / ${other}`;
      };
      const cells: string[] = [];
      if (REMOVING.includes(route.id)) {
        for (const role of Object.entries(roles)) cells.push(await cellOf(role));
      } else {
        cells.push(...(await Promise.all(Object.entries(roles).map(cellOf))));
      }
      if (ASKING_HOSTS.includes(route.id))
        await sql`UPDATE hosts SET status = 'online'`.execute(api.store.db);
      lines.push(`| \`${route.id}\` | ${route.permission} | ${cells.join(' | ')} |`);
    }
    const table = [
      `| route | permission | ${Object.keys(roles).join(' | ')} |`,
      `|---|---|${'---|'.repeat(Object.keys(roles).length)}`,
      ...lines,
    ].join('\n');
    const told = /<!-- table -->\n([\s\S]*?)\n<!-- end -->/.exec(await readFile(SPEC, 'utf8'))?.[1];
    if (told !== table && process.env.LONGSHORE_WRITE_SPEC === '1') {
      const spec = await readFile(SPEC, 'utf8');
      await writeFile(SPEC, spec.replace(/(<!-- table -->\n)[\s\S]*?(\n<!-- end -->)/, `$1${table}$2`));
      return;
    }
    assert.equal(told, table, 'run this test with LONGSHORE_WRITE_SPEC=1, and look at what has changed');
  });
});
