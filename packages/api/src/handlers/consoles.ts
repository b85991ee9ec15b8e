import type { ConsoleWho } from '@longshore/consoles';
import { routes } from '@longshore/contract';
import type { Principal } from '@longshore/identity';
import type { ApiOptions } from '../api-options.ts';
import { handle, handleEmpty } from '../handler.ts';
import { requireOnInstance } from '../require-on.ts';

/** Consoles of instances. */
export function consoleHandlers({ consoles, context }: ApiOptions) {
  return {
    openConsole: handle(routes.openConsole, async ({ params, body, address, browser, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'consoles:open');
      return consoles.issue({
        instanceId: params.id,
        asked: body,
        who: whoOf(asking.principal),
        origin: browser.origin,
        address,
      });
    }),
    listInstanceConsoles: handle(routes.listInstanceConsoles, async ({ params, ...asking }) => {
      await requireOnInstance(context, asking, params.id, 'consoles:read');
      const { items } = await consoles.list({ instanceId: params.id, reach: 'all', limit: 1000 });
      return { items };
    }),
    listConsoles: handle(routes.listConsoles, ({ query, access }) =>
      consoles.list({ ...query, reach: access.reach('consoles:read') }),
    ),
    endConsole: handleEmpty(routes.endConsole, async ({ params, ...asking }) => {
      const { principal } = asking;
      const owner = await consoles.ownerOf(params.id);
      const permission = owner.whoId === principal.id ? 'consoles:open' : 'consoles:end';
      await requireOnInstance(context, asking, owner.instanceId, permission);
      await consoles.end(params.id, principal.name);
    }),
  };
}

function whoOf(principal: Principal): ConsoleWho {
  const { kind, id, name, tokenId, sessionId, expiresAt } = principal;
  return { kind, id, name, tokenId, loginId: sessionId, expiresAt };
}
