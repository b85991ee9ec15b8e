import { routes } from '@longshore/contract';
import type { ApiOptions } from '../api-options.ts';
import { handle, handleEmpty } from '../handler.ts';
import { requireSession } from './asker.ts';

/** Logins of programs without a browser. */
export function deviceLoginHandlers({ identity: { logins } }: ApiOptions) {
  return {
    beginDeviceLogin: handle(routes.beginDeviceLogin, ({ body, address }) =>
      logins.beginDevice(body.clientName, address),
    ),
    pollDeviceLogin: handle(routes.pollDeviceLogin, ({ body }) => logins.pollDevice(body.deviceSecret)),
    getDeviceLogin: handle(routes.getDeviceLogin, async ({ params, principal }) => {
      requireSession(principal);
      return logins.readDevice(params.code);
    }),
    approveDeviceLogin: handleEmpty(routes.approveDeviceLogin, async ({ params, principal }) =>
      logins.approveDevice(params.code, requireSession(principal).id),
    ),
  };
}
