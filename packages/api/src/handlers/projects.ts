import {
  type Binding,
  FLEET_ROLE_PERMISSIONS,
  LongshoreError,
  PART_ROLE_PERMISSIONS,
  PERMISSIONS,
  type Permission,
  routes,
} from '@longshore/contract';
import {
  createProject,
  deleteProject,
  type FleetContext,
  findHostId,
  findProjectId,
  getProject,
  hostNames,
  listProjects,
  noProject,
  projectNames,
  updateProject,
} from '@longshore/fleet';
import {
  createBinding,
  deleteBinding,
  deleteBindingsAt,
  listBindings,
  type PlacedBinding,
  readBinding,
} from '@longshore/identity';
import type { Query } from '@longshore/store';
import { handle, handleEmpty } from '../handler.ts';
import { requireOnProject } from '../require-on.ts';
import { mayGrant } from './may-give.ts';

/** Projects, their members, and roles. */
export function projectHandlers(context: FleetContext) {
  const { store } = context;
  return {
    listProjects: handle(routes.listProjects, ({ query, access }) =>
      listProjects(context, query, access.reach('projects:read')),
    ),
    getProject: handle(routes.getProject, async ({ params, ...asking }) =>
      getProject(context, await requireOnProject(context, asking, params.id, 'projects:read')),
    ),
    createProject: handle(routes.createProject, ({ body, requester }) =>
      store.transaction(async (trx) => {
        const made = await createProject(trx, body, requester.name);
        await requester.witness?.(trx, { target: { ...made, kind: 'fleet' }, operationId: null });
        return made;
      }),
    ),
    updateProject: handle(routes.updateProject, async ({ params, body, revision, requester, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:write');
      return store.transaction(async (trx) => {
        const changed = await updateProject(trx, { id, patch: body, revision });
        await requester.witness?.(trx, { target: { ...changed, kind: 'fleet' }, operationId: null });
        return changed;
      });
    }),
    deleteProject: handleEmpty(routes.deleteProject, async ({ params, requester, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:write');
      await store.transaction(async (trx) => {
        await deleteProject(trx, id);
        await deleteBindingsAt(trx, 'project', id);
        await requester.witness?.(trx, { target: { kind: 'fleet', id, name: params.id }, operationId: null });
      });
    }),
    listMembers: handle(routes.listMembers, async ({ params, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:read');
      return { items: await named(store.db, await listBindings(store.db, { kind: 'project', id })) };
    }),
    addMember: handle(routes.addMember, async ({ params, body, requester, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:members');
      mayGrant(asking, PART_ROLE_PERMISSIONS[body.role], (permission) =>
        asking.access.permitsOn(permission, id),
      );
      return store.transaction(async (trx) => {
        const grant = { role: body.role, scope_kind: 'project', scope: id } as const;
        const made = await createBinding(trx, body.subject, grant, true);
        await requester.witness?.(trx, { target: targetOf(made), operationId: null });
        return nameOne(trx, made);
      });
    }),
    removeMember: handleEmpty(routes.removeMember, async ({ params, requester, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:members');
      await store.transaction(async (trx) => {
        const binding = await readBinding(trx, params.binding);
        if (binding.scope.kind !== 'project' || binding.scope.id !== id) {
          throw new LongshoreError('not-found', `The project has no member with the role ${params.binding}.`);
        }
        await deleteBinding(trx, params.binding);
        await requester.witness?.(trx, { target: targetOf(binding), operationId: null });
      });
    }),
    listBindings: handle(routes.listBindings, async () => ({
      items: await named(store.db, await listBindings(store.db)),
    })),
    createBinding: handle(routes.createBinding, async ({ body, requester, ...asking }) => {
      mayGrant(asking, permissionsOf(body.role, body.scope.kind), asking.access.permits);
      return store.transaction(async (trx) => {
        const { kind } = body.scope;
        const scope = body.scope.kind === 'fleet' ? '' : await placeOf(trx, body.scope.kind, body.scope.name);
        const made = await createBinding(trx, body.subject, { role: body.role, scope_kind: kind, scope });
        await requester.witness?.(trx, { target: targetOf(made), operationId: null });
        return nameOne(trx, made);
      });
    }),
    deleteBinding: handleEmpty(routes.deleteBinding, async ({ params, requester, ...asking }) =>
      store.transaction(async (trx) => {
        const binding = await readBinding(trx, params.id);
        mayGrant(asking, permissionsOf(binding.role, binding.scope.kind), asking.access.permits);
        await deleteBinding(trx, params.id);
        await requester.witness?.(trx, { target: targetOf(binding), operationId: null });
      }),
    ),
    getMyAccess: handle(routes.getMyAccess, async ({ access }) => {
      const names = await namesOf(
        store.db,
        access.parts.map(({ kind, id }) => ({ kind, id })),
      );
      return {
        permissions: PERMISSIONS.filter(access.permits),
        parts: access.parts.map(({ kind, id, permissions }) => ({
          kind,
          id,
          name: names.get(id) ?? id,
          permissions: [...permissions],
        })),
      };
    }),
  };
}

function permissionsOf(role: Binding['role'], place: Binding['scope']['kind']): readonly Permission[] {
  if (place === 'fleet') return FLEET_ROLE_PERMISSIONS[role === 'admin' ? 'admin' : 'auditor'];
  return role === 'auditor' ? [] : PART_ROLE_PERMISSIONS[role];
}

/** @throws LongshoreError `not-found` */
async function placeOf(query: Query, kind: 'project' | 'host' | 'label', name: string): Promise<string> {
  switch (kind) {
    case 'label':
      return name;
    case 'project': {
      const id = await findProjectId(query, name);
      if (id === null) throw noProject(name);
      return id;
    }
    case 'host': {
      const id = await findHostId(query, name);
      if (id === null) throw new LongshoreError('not-found', `There is no host ${name}.`);
      return id;
    }
  }
}

function targetOf({ subject, role, scope }: PlacedBinding) {
  return {
    kind: 'fleet',
    id: scope.id,
    name: `${role} of ${scope.kind} for ${subject.kind} ${subject.name}`,
  } as const;
}

async function nameOne(query: Query, binding: PlacedBinding): Promise<Binding> {
  const names = await namesOf(query, [binding.scope]);
  return { ...binding, scope: { ...binding.scope, name: names.get(binding.scope.id) ?? binding.scope.id } };
}

async function named(query: Query, bindings: readonly PlacedBinding[]): Promise<Binding[]> {
  const names = await namesOf(
    query,
    bindings.map(({ scope }) => scope),
  );
  return bindings.map((binding) => ({
    ...binding,
    scope: { ...binding.scope, name: names.get(binding.scope.id) ?? binding.scope.id },
  }));
}

type Place = Readonly<{ kind: string; id: string }>;

async function namesOf(query: Query, places: readonly Place[]): Promise<ReadonlyMap<string, string>> {
  const of = (kind: string) => [
    ...new Set(places.filter((place) => place.kind === kind).map(({ id }) => id)),
  ];
  const [projects, hosts] = [await projectNames(query, of('project')), await hostNames(query, of('host'))];
  return new Map([...projects, ...hosts]);
}
