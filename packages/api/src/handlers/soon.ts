import { LongshoreError, routes } from '@longshore/contract';
import { handle, handleEmpty } from '../handler.ts';

const soon = async () => {
  throw new LongshoreError('unavailable', 'This comes within the hour.');
};

/** Routes whose work is being written: replaced one by one in the commits that follow this one. */
export function soonHandlers() {
  return {
    getSecondFactor: handle(routes.getSecondFactor, soon),
    renewRecoveryCodes: handle(routes.renewRecoveryCodes, soon),
    listIdentities: handle(routes.listIdentities, soon),
    linkIdentity: handle(routes.linkIdentity, soon),
    unlinkIdentity: handleEmpty(routes.unlinkIdentity, soon),
    testIdentityProvider: handle(routes.testIdentityProvider, soon),
  };
}
