import { sql } from 'kysely';
import type { Query, Store } from '../connect-store.ts';
import { checkLease, type Lease } from './check-lease.ts';
import { type ShareOutOptions, type Sharing, shareOut } from './share-out.ts';

/** What {@link createLeases} needs. */
export interface LeasesOptions {
  /** Who claims; unique among all that live. */
  readonly owner: string;
  /** How long a claim lasts without being renewed, in milliseconds. Default 10 s. */
  readonly ttlMs?: number;
}

/** Claims and gives back leases. Every time compared is the database's: no local clock is ever asked. */
export interface Leases {
  /** Claims a thing that is free, expired or ours already (whose fence then stays). Undefined when another holds it. */
  claim(kind: string, key: string): Promise<Lease | undefined>;
  /** Makes the lease last another time. False when it has gone to another meanwhile. */
  renew(lease: Lease): Promise<boolean>;
  /** Gives it back. Harmless when it is not ours any more. */
  release(lease: Lease): Promise<void>;
  /** Who holds it now. */
  heldBy(kind: string, key: string): Promise<Lease | undefined>;
  /**
   * In a transaction that writes under the lease: holds the lease until that ends, so nobody takes it over in between.
   *
   * @throws StoreError `lease_lost`
   */
  check(trx: Query, lease: Lease): Promise<void>;
  /** Divides the keys of a kind among all that share them out, and takes over from members that die. */
  shareOut(kind: string, options: ShareOutOptions): Promise<Sharing>;
}

/** Death is noticed within this and a quarter: well inside the 30 s in which a takeover is promised. */
export const defaultLeaseTtlMs = 10_000;

/** Leases of one owner. */
export function createLeases(store: Store, options: LeasesOptions): Leases {
  const { owner, ttlMs = defaultLeaseTtlMs } = options;
  const expiry = sql<Date>`now() + ${ttlMs}::double precision * interval '1 millisecond'`;
  return {
    claim: async (kind, key) => {
      const { rows } = await sql<{ fence: number }>`
        insert into store_leases as held (kind, key, owner, fence, expires_at)
        values (${kind}, ${key}, ${owner}, 1, ${expiry})
        on conflict (kind, key) do update set
          owner = excluded.owner,
          fence = held.fence + case when held.owner = excluded.owner and held.expires_at > now() then 0 else 1 end,
          expires_at = excluded.expires_at
        where held.owner is null or held.owner = excluded.owner or held.expires_at <= now()
        returning fence`.execute(store.vital);
      const fence = rows[0]?.fence;
      return fence === undefined ? undefined : { kind, key, owner, fence };
    },
    renew: async (lease) => {
      const result = await ownRow(store, lease).set({ expires_at: expiry }).executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    release: async (lease) => {
      await ownRow(store, lease).set({ owner: null, expires_at: null }).execute();
    },
    heldBy: (kind, key) =>
      sql<Lease>`
        select kind, key, owner, fence from store_leases
        where kind = ${kind} and key = ${key} and owner is not null and expires_at > now()`
        .execute(store.db)
        .then(({ rows }) => rows[0]),
    check: checkLease,
    shareOut: (kind, shareOptions) => shareOut(store, kind, { owner, ttlMs }, shareOptions),
  };
}

function ownRow(store: Store, lease: Lease) {
  return store.vital
    .updateTable('store_leases')
    .where('kind', '=', lease.kind)
    .where('key', '=', lease.key)
    .where('owner', '=', lease.owner)
    .where('fence', '=', lease.fence);
}
