import type { Query, Store } from '@longshore/store';

/** Channel that tells every process of a host enrolled, re-pinned or removed; the payload is its identifier. */
export const HOSTS_CHANNEL = 'fleet_hosts';

/** Tells them when the transaction commits. */
export function announceHost(store: Store, hostId: string, query: Query): Promise<void> {
  return store.notify(HOSTS_CHANNEL, hostId, query);
}
