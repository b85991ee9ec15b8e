/** Wrong tickets from one address within a minute, after which it is refused before anything is looked up. */
const WRONG_PER_MINUTE = 30;
/** Connections of one address that have not shown a ticket yet. */
const WAITING_PER_ADDRESS = 50;
const MINUTE_MS = 60_000;
/** Addresses remembered at most; whoever has that many is not held back by an address anyway. */
const MAX_ADDRESSES = 10_000;

/** Holds back those who guess tickets. A ticket has 256 random bits: this protects the database and the audit log. */
export type GuessLimit = Readonly<{
  /** Enters a connection; null where its address has to wait. Call `done` when it has shown what it has. */
  enter(address: string): Readonly<{ done(): void }> | null;
  /** @returns true for the first wrong ones, which are worth an entry in the audit log */
  wrong(address: string): boolean;
}>;

/** Nobody is held back at first. */
export function createGuessLimit(now: () => number): GuessLimit {
  const wrong = new Map<string, { count: number; since: number }>();
  const waiting = new Map<string, number>();
  const recent = (address: string) => {
    const entry = wrong.get(address);
    return entry !== undefined && now() - entry.since < MINUTE_MS ? entry : undefined;
  };
  return {
    enter(address) {
      const open = waiting.get(address) ?? 0;
      if (open >= WAITING_PER_ADDRESS || (recent(address)?.count ?? 0) >= WRONG_PER_MINUTE) return null;
      waiting.set(address, open + 1);
      let entered = true;
      return {
        done() {
          if (!entered) return;
          entered = false;
          const left = (waiting.get(address) ?? 1) - 1;
          if (left === 0) waiting.delete(address);
          else waiting.set(address, left);
        },
      };
    },
    wrong(address) {
      const entry = recent(address) ?? { count: 0, since: now() };
      entry.count += 1;
      wrong.delete(address);
      wrong.set(address, entry);
      const [oldest] = wrong.keys();
      if (wrong.size > MAX_ADDRESSES && oldest !== undefined) wrong.delete(oldest);
      return entry.count <= WRONG_PER_MINUTE;
    },
  };
}
