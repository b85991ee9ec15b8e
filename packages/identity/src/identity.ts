import type { NewToken } from '@longshore/contract';
import type { Listening, Sealer, Store } from '@longshore/store';
import { authenticateToken, principalOfToken } from './authenticate-token.ts';
import { createLogins, type Logins } from './login/logins.ts';
import { authenticateSession, principalOfSession } from './login/sessions.ts';
import { createPeople, type People } from './people/people.ts';
import './people/people-tables.ts';
import type { Principal } from './principal.ts';
import { createProviderClient } from './providers/provider-client.ts';
import { createProviders, type Providers } from './providers/providers.ts';
import { refreshAccounts } from './providers/refresh-accounts.ts';
import { createSetupLink, type FirstStart, prepareFirstStart, redeemSetup } from './setup.ts';
import type { FleetAdminKeys } from './ssh-keys/keys-for-place.ts';
import { createSshKeys, type SshKeys } from './ssh-keys/ssh-keys.ts';
import './tokens-table.ts';
import {
  createToken,
  listProjectTokens,
  listTokens,
  type NewTokenOptions,
  type PlacedToken,
  revokeToken,
} from './tokens.ts';
import { startUpkeep, type Upkeep } from './upkeep.ts';

/** Who may ask what, on one database. See each function for what it throws. */
export type Identity = Readonly<{
  /** A token of a person, or of a robot without `personId`. */
  createToken(
    creation: NewTokenOptions,
    createdBy: string,
    personId?: string,
  ): Promise<PlacedToken & Readonly<{ secret: string }>>;
  listTokens(personId?: string): Promise<readonly PlacedToken[]>;
  /** The robots of a project. */
  listProjectTokens(projectId: string): Promise<readonly PlacedToken[]>;
  revokeToken(id: string, personId?: string): Promise<void>;
  /** Who a token's secret speaks for, or null; it is used from `address`. */
  authenticate(secret: string, address: string): Promise<Principal | null>;
  /** Who the secret of a session's cookie stands for, or null. */
  authenticateSession(secret: string): Promise<Principal | null>;
  /** The same principal as it is now, or null once its token or session has ended: for long connections. */
  principalNow(principal: Principal): Promise<Principal | null>;
  /**
   * Tells of each token or session that was changed or ended, by any process, by its identifier; null after a gap in
   * which some were missed.
   */
  onAccessChange(changed: (id: string | null) => void): Promise<Listening>;
  createSetupLink(): Promise<string>;
  redeemSetup(code: string): Promise<NewToken>;
  prepareFirstStart(): Promise<FirstStart | null>;
  logins: Logins;
  people: People;
  providers: Providers;
  sshKeys: SshKeys;
  /** Removes what is over, and asks providers for groups and keys, each minute. */
  startUpkeep(): Upkeep;
}>;

/** What the identity room needs beside its tables. */
export type IdentityOptions = Readonly<{
  sealer: Sealer;
  /** How often providers are asked again for the groups and keys of a person, in minutes. Default 15. */
  providerRefreshMinutes?: number | undefined;
  /** Where the SSH keys of administrators of the fleet go. Default `none`. */
  fleetAdminKeys?: FleetAdminKeys | undefined;
}>;

/** The identity room on a store that is migrated with `identityMigrations`. */
export function createIdentity(store: Store, options: IdentityOptions): Identity {
  const { sealer } = options;
  const client = createProviderClient(store, sealer, { refreshMinutes: options.providerRefreshMinutes });
  return {
    createToken: (creation, createdBy, personId) =>
      store.transaction((trx) => createToken(trx, creation, createdBy, personId ?? null)),
    listTokens: (personId) => listTokens(store, personId ?? null),
    listProjectTokens: (projectId) => listProjectTokens(store, projectId),
    revokeToken: (id, personId) => revokeToken(store, id, personId ?? null),
    authenticate: (secret, address) => authenticateToken(store, secret, address),
    authenticateSession: (secret) => authenticateSession(store, secret),
    async principalNow(principal) {
      if (principal.sessionId !== null) return principalOfSession(store, principal.sessionId);
      return principal.tokenId === null ? null : principalOfToken(store, principal.tokenId);
    },
    onAccessChange: (changed) =>
      store.listen('tokens', { onNotify: changed, onReconnect: () => changed(null) }),
    createSetupLink: () => createSetupLink(store.db),
    redeemSetup: (code) => redeemSetup(store, code),
    prepareFirstStart: () => prepareFirstStart(store),
    logins: createLogins(store, sealer, client),
    people: createPeople(store),
    providers: createProviders(store, sealer, client),
    sshKeys: createSshKeys(store, options.fleetAdminKeys ?? 'none'),
    startUpkeep: () => {
      const upkeep = startUpkeep(store, () => refreshAccounts(store, sealer, client));
      return {
        stop: async () => {
          await upkeep.stop();
          await client.stop();
        },
      };
    },
  };
}
