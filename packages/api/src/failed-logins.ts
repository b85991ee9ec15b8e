import { LongshoreError } from '@longshore/contract';

/** Counts failed authentications per address. */
export type FailedLogins = Readonly<{
  /** In how many seconds the address may try again; 0 when it has not failed too often. */
  blockedForSeconds(address: string): number;
  /** @throws LongshoreError `too-many-requests` when the address has failed too often */
  check(address: string): void;
  failed(address: string): void;
}>;

const WINDOW_MS = 60_000;
/** A script with a revoked token that asks each few seconds stays below; a guesser does not. */
const LIMIT = 30;
/** Addresses remembered: bounds memory when many ask. The oldest is forgotten first. */
const MAX_ADDRESSES = 10_000;

/** The count starts anew a minute after an address' first failure. `clock` in milliseconds, monotonic. */
export function createFailedLogins(clock: () => number = () => performance.now()): FailedLogins {
  const byAddress = new Map<string, { since: number; failures: number }>();
  const current = (address: string) => {
    const entry = byAddress.get(address);
    if (entry !== undefined && clock() - entry.since < WINDOW_MS) return entry;
    byAddress.delete(address);
    return undefined;
  };
  const blockedForSeconds = (address: string): number => {
    const entry = current(address);
    if (entry === undefined || entry.failures < LIMIT) return 0;
    return Math.max(1, Math.ceil((entry.since + WINDOW_MS - clock()) / 1000));
  };
  return {
    blockedForSeconds,
    check(address) {
      const seconds = blockedForSeconds(address);
      if (seconds === 0) return;
      throw new LongshoreError('too-many-requests', `Too many failed authentications from ${address}.`, {
        hint: `Check the token or code, and try again in ${seconds} seconds.`,
      });
    },
    failed(address) {
      const entry = current(address);
      if (entry !== undefined) {
        entry.failures += 1;
        return;
      }
      if (byAddress.size >= MAX_ADDRESSES) {
        for (const oldest of byAddress.keys()) {
          byAddress.delete(oldest);
          break;
        }
      }
      byAddress.set(address, { since: clock(), failures: 1 });
    },
  };
}
