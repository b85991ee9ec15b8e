import { sql } from 'kysely';
import type { Query } from '../connect-store.ts';
import { StoreError } from '../store-error.ts';

/** The right to a named thing, until it expires, is released or is taken over after it expired. */
export interface Lease {
  readonly kind: string;
  readonly key: string;
  readonly owner: string;
  /** Grows with every change of owner and never goes back: the higher one is the later one. */
  readonly fence: number;
}

/**
 * Locks the lease's row until the transaction ends.
 *
 * @throws StoreError `lease_lost`
 */
export async function checkLease(trx: Query, lease: Lease): Promise<void> {
  // FOR SHARE: transactions under one lease do not wait for each other, a takeover waits for them all.
  const { rows } = await sql`
    select from store_leases
    where kind = ${lease.kind} and key = ${lease.key} and owner = ${lease.owner} and fence = ${lease.fence}
    for share`.execute(trx);
  if (rows.length === 1) return;
  throw new StoreError('lease_lost', `${lease.owner} does not hold ${lease.kind} ${lease.key} any more.`);
}
