import { routes } from '@longshore/contract';
import type { ApiOptions } from '../api-options.ts';
import { handle, handleEmpty } from '../handler.ts';
import { requireAllPermissions } from './asker.ts';

/** The people of the installation. */
export function peopleHandlers({ identity }: ApiOptions) {
  const { people } = identity;
  return {
    listPeople: handle(routes.listPeople, ({ query }) => people.list(query)),
    getPerson: handle(routes.getPerson, ({ params }) => people.get(params.id)),
    createPerson: handle(routes.createPerson, ({ body, principal }) => people.create(body, principal.name)),
    approvePerson: handle(routes.approvePerson, ({ params, principal }) =>
      people.approve(params.id, principal.name),
    ),
    blockPerson: handle(routes.blockPerson, ({ params, principal }) => people.block(params.id, principal)),
    unblockPerson: handle(routes.unblockPerson, ({ params, principal }) =>
      people.unblock(params.id, principal.name),
    ),
    resetPerson: handle(routes.resetPerson, async ({ params, body, permits }) => {
      await people.get(params.id);
      requireAllPermissions(permits, 'give a person a new password');
      return people.reset(params.id, body.password);
    }),
    deletePerson: handleEmpty(routes.deletePerson, ({ params, principal }) =>
      people.delete(params.id, principal),
    ),
  };
}
