import { Readable } from 'node:stream';
import { LongshoreError, routes, type SshKeyList } from '@longshore/contract';
import {
  countGuestKeys,
  getInstance,
  importHostKeys,
  knownHosts,
  listHostKeys,
  readGuestKeys,
  readProjectAccess,
  rotateHostKeys,
  setInstanceAccess,
  setProjectAccess,
} from '@longshore/fleet';
import type { Principal } from '@longshore/identity';
import type { ApiOptions } from '../api-options.ts';
import { handle, handleEmpty, handleFile } from '../handler.ts';
import { requireOnInstance, requireOnProject } from '../require-on.ts';
import { requirePerson } from './asker.ts';

/** SSH keys: of people, where they are, and of the instances themselves. */
export function sshKeyHandlers({ context, identity }: ApiOptions) {
  const { sshKeys } = identity;
  const listOf = async (personId: string): Promise<SshKeyList> => {
    const { items, sources } = await sshKeys.list(personId);
    const instances = await countGuestKeys(context, personId, await sshKeys.placesOf(personId));
    return { items: [...items], sources: [...sources], instances };
  };
  return {
    listMySshKeys: handle(routes.listMySshKeys, ({ principal }) => listOf(requirePerson(principal).id)),
    addMySshKey: handle(routes.addMySshKey, ({ body, principal }) =>
      sshKeys.add(requireWhole(principal), body),
    ),
    removeMySshKey: handleEmpty(routes.removeMySshKey, ({ params, principal }) =>
      sshKeys.remove(requireWhole(principal), params.id, 'self'),
    ),
    listSshKeysOfPerson: handle(routes.listSshKeysOfPerson, ({ params }) => listOf(params.id)),
    removeSshKeyOfPerson: handleEmpty(routes.removeSshKeyOfPerson, ({ params }) =>
      sshKeys.remove(params.id, params.key, 'administrator'),
    ),
    getInstanceSshKeys: handle(routes.getInstanceSshKeys, async ({ params, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:read');
      return readGuestKeys(context, params.id);
    }),
    setInstanceSshAccess: handle(
      routes.setInstanceSshAccess,
      async ({ params, body, requester, ...asking }) => {
        await requireOnInstance(context, asking, params.id, 'instances:write');
        return setInstanceAccess(context, { ...params, ...body }, requester);
      },
    ),
    getProjectSshAccess: handle(routes.getProjectSshAccess, async ({ params, ...asking }) => {
      const id = await requireOnProject(context, asking, params.id, 'projects:read');
      return readProjectAccess(context.store.db, id);
    }),
    setProjectSshAccess: handle(
      routes.setProjectSshAccess,
      async ({ params, body, requester, ...asking }) => {
        const id = await requireOnProject(context, asking, params.id, 'projects:members');
        return setProjectAccess(context, { id, ...body }, requester);
      },
    ),
    listSshHostKeys: handle(routes.listSshHostKeys, async ({ params, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:read');
      await getInstance(context, params.id);
      return { items: [...(await listHostKeys(context.store.db, params.id))] };
    }),
    rotateSshHostKeys: handle(routes.rotateSshHostKeys, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:write');
      return accepted(await rotateHostKeys(context, { ...params, ...body }, requester));
    }),
    importSshHostKeys: handle(routes.importSshHostKeys, async ({ params, body, requester, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'instances:write');
      return accepted(await importHostKeys(context, { ...params, ...body }, requester));
    }),
    getKnownHosts: handleFile(routes.getKnownHosts, async ({ query, access }) => {
      const text = await knownHosts(context.store, access.reach('instances:read'), query.addresses);
      const bytes = Buffer.from(text);
      return {
        stream: Readable.from([bytes]),
        name: 'known_hosts',
        sizeBytes: bytes.length,
        type: 'text/plain; charset=utf-8',
      };
    }),
  };
}

/**
 * A person who asks with all that they may do: a key opens shells, and so must not be added by a token that may not.
 * @throws LongshoreError `permission-denied`
 */
function requireWhole(principal: Principal): string {
  const { id } = requirePerson(principal);
  const { tokenScopes, tokenProjects } = principal;
  if ((tokenScopes === null || tokenScopes.includes('*')) && tokenProjects === null) return id;
  throw new LongshoreError('permission-denied', `The token "${principal.name}" may not change SSH keys.`, {
    hint: 'Use a token with all scopes, or log in with a browser.',
  });
}

function accepted({ operation }: Awaited<ReturnType<typeof rotateHostKeys>>) {
  return { operation };
}
