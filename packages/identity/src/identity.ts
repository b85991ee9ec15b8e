import type { NewToken, Token, TokenCreation } from '@longshore/contract';
import type { Listening, Store } from '@longshore/store';
import { createSetupLink, type FirstStart, prepareFirstStart, redeemSetup } from './setup.ts';
import './tokens-table.ts';
import { authenticate, type Bearer, bearerOfToken, createToken, listTokens, revokeToken } from './tokens.ts';

/** Who may ask what, on one database. See each function for what it throws. */
export type Identity = Readonly<{
  createToken(creation: TokenCreation, createdBy: string): Promise<NewToken>;
  listTokens(): Promise<readonly Token[]>;
  revokeToken(id: string): Promise<void>;
  authenticate(secret: string): Promise<Bearer | null>;
  bearerOfToken(id: string): Promise<Bearer | null>;
  /** Tells of each token that was changed or revoked, by any process; null after a gap in which some were missed. */
  onTokenChange(changed: (tokenId: string | null) => void): Promise<Listening>;
  createSetupLink(): Promise<string>;
  redeemSetup(code: string): Promise<NewToken>;
  prepareFirstStart(): Promise<FirstStart | null>;
}>;

/** The identity room on a store that is migrated with `identityMigrations`. */
export function createIdentity(store: Store): Identity {
  return {
    createToken: (creation, createdBy) => createToken(store.db, creation, createdBy),
    listTokens: () => listTokens(store),
    revokeToken: (id) => revokeToken(store, id),
    authenticate: (secret) => authenticate(store, secret),
    bearerOfToken: (id) => bearerOfToken(store, id),
    onTokenChange: (changed) =>
      store.listen('tokens', { onNotify: changed, onReconnect: () => changed(null) }),
    createSetupLink: () => createSetupLink(store.db),
    redeemSetup: (code) => redeemSetup(store, code),
    prepareFirstStart: () => prepareFirstStart(store),
  };
}
