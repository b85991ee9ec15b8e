import type { IdentityProvider, IdentityProviderCreation, IdentityProviderPatch } from '@longshore/contract';
import type { Sealer, Store } from '@longshore/store';
import {
  createProvider,
  deleteProvider,
  listProviders,
  loginProviders,
  readProvider,
  updateProvider,
} from './identity-providers.ts';
import type { ProviderClient } from './provider-client.ts';
import { refreshAccounts } from './refresh-accounts.ts';
import type { ProviderTest } from './test-provider.ts';

/** The identity providers. See each function for what it throws. */
export type Providers = Readonly<{
  list(): Promise<readonly IdentityProvider[]>;
  /** Those that the login page shows. */
  forLogin(): Promise<readonly Readonly<{ name: string; title: string; kind: string }>[]>;
  create(creation: IdentityProviderCreation): Promise<IdentityProvider>;
  update(id: string, patch: IdentityProviderPatch): Promise<IdentityProvider>;
  delete(id: string): Promise<void>;
  /** Asks a provider whether it can be used; `redirectUri` is where logins come back to, null where it is not known. */
  test(id: string, redirectUri: string | null): Promise<ProviderTest>;
  /** Asks the providers for the groups of people whose turn it is; returns how many there were. */
  refresh(): Promise<number>;
}>;

/** Identity providers on a store; none of them is asked anything but by `refresh`. */
export function createProviders(store: Store, sealer: Sealer, client: ProviderClient): Providers {
  return {
    list: () => listProviders(store),
    forLogin: () => loginProviders(store),
    create: (creation) => createProvider(store, sealer, creation),
    update: (id, patch) => updateProvider(store, sealer, id, patch),
    delete: (id) => deleteProvider(store, id),
    test: async (id, redirectUri) => client.test(await readProvider(store, id), redirectUri),
    refresh: () => refreshAccounts(store, sealer, client),
  };
}
