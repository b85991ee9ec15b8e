import { type NewToken, PART_ROLE_PERMISSIONS, type PartRole, routes, type Token } from '@longshore/contract';
import { type FleetContext, projectNames } from '@longshore/fleet';
import { createToken, type PlacedRole, type PlacedToken, revokeProjectToken } from '@longshore/identity';
import type { ApiOptions } from '../api-options.ts';
import { handle, handleEmpty } from '../handler.ts';
import { type Asking, requireOnProject } from '../require-on.ts';
import { mayGive, mayGrant, mayOutlive } from './may-give.ts';

/** Tokens of robots: with scopes on the fleet, or with roles in projects, whose admins make and revoke these. */
export function tokenHandlers({ context, identity }: ApiOptions) {
  const { store } = context;
  return {
    listTokens: handle(routes.listTokens, async () => ({
      items: await named(context, await identity.listTokens()),
    })),
    createToken: handle(routes.createToken, async ({ body, ...asking }) => {
      const { principal, permits } = asking;
      mayGive(principal, permits, body.scopes, body.expiresAt);
      const roles = await placedRoles(context, asking, body.roles);
      return nameOne(context, await identity.createToken({ ...body, roles }, principal.name));
    }),
    revokeToken: handleEmpty(routes.revokeToken, ({ params }) => identity.revokeToken(params.id)),
    listProjectTokens: handle(routes.listProjectTokens, async ({ params, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:members');
      return { items: await named(context, await identity.listProjectTokens(id)) };
    }),
    createProjectToken: handle(routes.createProjectToken, async ({ params, body, requester, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:members');
      const { name, role, expiresAt } = body;
      mayOutlive(asking.principal, expiresAt);
      const here = { project: id, role } as const;
      const also = body.also.filter(({ project }) => project !== id && project !== params.id);
      const roles = await placedRoles(context, asking, [here, ...also]);
      return store.transaction(async (trx) => {
        const creation = { name, scopes: [], roles, homeProjectId: id, expiresAt };
        const made = await createToken(trx, creation, asking.principal.name);
        await requester.witness?.(trx, {
          target: { kind: 'fleet', id: made.id, name: `token ${made.name}` },
          operationId: null,
        });
        return nameOne(context, made);
      });
    }),
    revokeProjectToken: handleEmpty(routes.revokeProjectToken, async ({ params, requester, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:members');
      await store.transaction(async (trx) => {
        const name = await revokeProjectToken(trx, params.token, id);
        await requester.witness?.(trx, {
          target: { kind: 'fleet', id: params.token, name: `token ${name}` },
          operationId: null,
        });
      });
    }),
  };
}

/**
 * Roles by the identifiers of their projects, each of which the asker may give.
 * @throws LongshoreError `not-found`, `permission-denied`
 */
async function placedRoles(
  context: FleetContext,
  asking: Asking,
  roles: readonly Readonly<{ project: string; role: PartRole }>[],
): Promise<readonly PlacedRole[]> {
  const placed: PlacedRole[] = [];
  for (const { project, role } of roles) {
    const projectId = await requireOnProject(context, asking, project, 'projects:members');
    mayGrant(asking, PART_ROLE_PERMISSIONS[role], (permission) =>
      asking.access.permitsOn(permission, projectId),
    );
    placed.push({ projectId, role });
  }
  return placed;
}

/** Tokens with the names of their projects. */
export async function named(context: FleetContext, tokens: readonly PlacedToken[]): Promise<Token[]> {
  const ids = tokens.flatMap(({ roles, projectIds }) => [
    ...roles.map(({ projectId }) => projectId),
    ...(projectIds ?? []),
  ]);
  const names = await projectNames(context.store.db, [...new Set(ids)]);
  const project = (id: string) => ({ id, name: names.get(id) ?? id });
  return tokens.map(({ projectIds, roles, ...token }) => ({
    ...token,
    roles: roles
      .map(({ projectId, role }) => ({ project: project(projectId), role }))
      .sort((a, b) => (a.project.name < b.project.name ? -1 : 1)),
    projects: projectIds?.map(project) ?? null,
  }));
}

/** A new token with the names of its projects. */
export async function nameOne(
  context: FleetContext,
  { secret, ...token }: PlacedToken & Readonly<{ secret: string }>,
): Promise<NewToken> {
  const [shown] = await named(context, [token]);
  if (shown === undefined) throw new TypeError('one token became none');
  return { ...shown, secret };
}
