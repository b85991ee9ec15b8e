import type { SshKey, SshKeyCreation, SshKeySource } from '@longshore/contract';
import type { Store } from '@longshore/store';
import { followChanges, type TakeChanges } from './follow-changes.ts';
import { type FleetAdminKeys, loginPlacesOf } from './keys-for-place.ts';
import { addSshKey, listSshKeySources, listSshKeys, removeSshKey } from './own-keys.ts';

/** The SSH keys of people. See each function for what it throws. */
export type SshKeys = Readonly<{
  list(personId: string): Promise<Readonly<{ items: readonly SshKey[]; sources: readonly SshKeySource[] }>>;
  add(personId: string, creation: SshKeyCreation): Promise<SshKey>;
  remove(personId: string, id: string, who: 'self' | 'administrator'): Promise<void>;
  /** Where a person may log in. */
  placesOf(personId: string): ReturnType<typeof loginPlacesOf>;
  /** Hands on where somebody may log in, or with which keys, has changed. */
  followChanges(take: TakeChanges): Promise<{ stop(): Promise<void> }>;
}>;

/** SSH keys on a store. */
export function createSshKeys(store: Store, fleetAdmins: FleetAdminKeys): SshKeys {
  return {
    list: async (personId) => ({
      items: await listSshKeys(store.db, personId),
      sources: await listSshKeySources(store.db, personId),
    }),
    add: (personId, creation) => addSshKey(store, personId, creation),
    remove: (personId, id, who) => removeSshKey(store, personId, id, who),
    placesOf: (personId) => loginPlacesOf(store.db, personId, fleetAdmins),
    followChanges: (take) =>
      followChanges(store, async (trx, places) => {
        // Where their keys go nowhere, it is nothing to anyone who is an administrator of the fleet.
        const told = fleetAdmins === 'none' ? places.filter(({ kind }) => kind !== 'fleet') : places;
        if (told.length > 0) await take(trx, told);
      }),
  };
}
