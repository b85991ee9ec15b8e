import { LongshoreError, routes } from '@longshore/contract';
import type { FleetContext } from '@longshore/fleet';
import type { ApiOptions } from '../api-options.ts';
import { handle, handleEmpty } from '../handler.ts';
import { type Asking, requireOnProject } from '../require-on.ts';
import { meOf, requirePerson, requireSession } from './asker.ts';
import { CALLBACK_PATH } from './login.ts';
import { mayGive } from './may-give.ts';
import { named, nameOne } from './tokens.ts';

/** What people do with what is their own. */
export function meHandlers({ context, identity }: ApiOptions) {
  const { logins } = identity;
  return {
    getMe: handle(routes.getMe, ({ principal, permits }) => meOf(identity, principal, permits)),
    updateMe: handle(routes.updateMe, async ({ body, principal, permits }) => {
      await identity.people.rename(requireSession(principal).id, body.displayName);
      return meOf(identity, principal, permits);
    }),
    logout: handleEmpty(routes.logout, async ({ principal, browser }) => {
      const { id, sessionId } = requireSession(principal);
      await logins.revokeSession(id, sessionId);
      browser.clearSession();
    }),
    changePassword: handleEmpty(routes.changePassword, async ({ body, principal }) => {
      const { id, sessionId } = requireSession(principal);
      await logins.provePassword(id, body.oldPassword);
      await logins.setPassword(id, body.newPassword, sessionId);
    }),
    beginSecondFactor: handle(routes.beginSecondFactor, async ({ body, principal }) => {
      const person = requireSession(principal);
      await logins.provePassword(person.id, body.password);
      return logins.beginSecondFactor(person);
    }),
    confirmSecondFactor: handle(routes.confirmSecondFactor, async ({ body, principal }) => ({
      recoveryCodes: [...(await logins.confirmSecondFactor(requireSession(principal).id, body.code))],
    })),
    getSecondFactor: handle(routes.getSecondFactor, ({ principal }) =>
      logins.secondFactor(requirePerson(principal).id),
    ),
    renewRecoveryCodes: handle(routes.renewRecoveryCodes, async ({ body, principal }) => {
      const { id } = requireSession(principal);
      await logins.provePassword(id, body.password);
      return { recoveryCodes: [...(await logins.renewRecoveryCodes(id))] };
    }),
    listIdentities: handle(routes.listIdentities, async ({ principal }) => ({
      items: await logins.identities(requirePerson(principal).id),
    })),
    linkIdentity: handle(routes.linkIdentity, async ({ body, principal, browser, address }) => {
      const { id } = requireSession(principal);
      const { url, browserSecret } = await logins.beginAtProvider({
        ...body,
        redirectUri: `${browser.publicOrigin()}${CALLBACK_PATH}`,
        address,
        linkPersonId: id,
      });
      browser.setLogin(browserSecret);
      return { url };
    }),
    unlinkIdentity: handleEmpty(routes.unlinkIdentity, async ({ params, principal }) => {
      const { id, sessionId } = requireSession(principal);
      await logins.unlinkIdentity(id, params.id, sessionId);
    }),
    removeSecondFactor: handleEmpty(routes.removeSecondFactor, async ({ body, principal }) => {
      const { id } = requireSession(principal);
      await logins.provePassword(id, body.password);
      await logins.removeSecondFactor(id);
    }),
    listPasskeys: handle(routes.listPasskeys, async ({ principal }) => ({
      items: [...(await logins.passkeys(requirePerson(principal).id))],
    })),
    beginPasskey: handle(routes.beginPasskey, async ({ principal, browser }) =>
      logins.beginPasskey(requireSession(principal), browser.publicOrigin()),
    ),
    registerPasskey: handle(routes.registerPasskey, async ({ body, principal, browser }) =>
      logins.registerPasskey(requireSession(principal).id, body, browser.publicOrigin()),
    ),
    deletePasskey: handleEmpty(routes.deletePasskey, async ({ params, principal }) =>
      logins.deletePasskey(requireSession(principal).id, params.id),
    ),
    listSessions: handle(routes.listSessions, async ({ principal }) => {
      const { id, sessionId } = requirePerson(principal);
      const sessions = await logins.sessions(id);
      return { items: sessions.map((session) => ({ ...session, current: session.id === sessionId })) };
    }),
    revokeSession: handleEmpty(routes.revokeSession, async ({ params, principal }) =>
      logins.revokeSession(requireSession(principal).id, params.id),
    ),
    listMyTokens: handle(routes.listMyTokens, async ({ principal }) => ({
      items: await named(context, await identity.listTokens(requirePerson(principal).id)),
    })),
    createMyToken: handle(routes.createMyToken, async ({ body, ...asking }) => {
      const { principal } = asking;
      const { id, name } = requirePerson(principal);
      // Scopes narrow what the person may do at the time of use; only a token must not give more than it has.
      if (principal.tokenId !== null) mayGive(principal, () => true, body.scopes, body.expiresAt);
      const { projects, ...creation } = body;
      const projectIds = await ownProjects(context, asking, projects);
      return nameOne(context, await identity.createToken({ ...creation, projectIds }, name, id));
    }),
    revokeMyToken: handleEmpty(routes.revokeMyToken, async ({ params, principal }) =>
      identity.revokeToken(params.id, requirePerson(principal).id),
    ),
  };
}

/**
 * The projects that a new own token is narrowed to; a token that is narrowed itself makes none that is less so.
 * @throws LongshoreError `not-found`, `permission-denied`
 */
async function ownProjects(
  context: FleetContext,
  asking: Asking,
  projects: readonly string[] | null,
): Promise<readonly string[] | null> {
  const { tokenProjects, name } = asking.principal;
  if (projects === null) {
    if (tokenProjects === null) return null;
    throw new LongshoreError('permission-denied', `The token of "${name}" is for some projects only.`, {
      hint: 'Name the projects of the new token (`projects`).',
    });
  }
  const ids: string[] = [];
  for (const project of projects) ids.push(await requireOnProject(context, asking, project, 'projects:read'));
  return [...new Set(ids)];
}
