/** What is to become of an answer over UDP. */
export type Verdict = 'answer' | 'truncate' | 'drop';

/** Limits like answers to one network, so that nobody uses us to flood a third: the address of a question may be forged. */
export type RateLimit = Readonly<{
  /** @param what tells like answers apart: the name and type, or the zone of names that are not there */
  judge(address: string, what: number): Verdict;
}>;

const BUCKETS = 65_536;
/** Every second answer over the limit is a short one that says "ask by TCP": an honest client does (BIND's `slip`). */
const SLIP = 2;

/**
 * A count per bucket and second. Networks (IPv4 /24, IPv6 /56) and answers share buckets by hash: at worst one gets a
 * truncated answer for another's sake, and asks by TCP.
 */
export function createRateLimit(perSecond: number, clock: () => Date): RateLimit {
  const counts = new Uint16Array(BUCKETS);
  const seconds = new Int32Array(BUCKETS);
  return {
    judge(address, what) {
      const bucket = (networkHash(address) ^ Math.imul(what, 0x9e37_79b1)) & (BUCKETS - 1);
      const second = Math.floor(clock().getTime() / 1000) | 0;
      if (seconds[bucket] !== second) {
        seconds[bucket] = second;
        counts[bucket] = 0;
      }
      const count = Math.min((counts[bucket] ?? 0) + 1, 65_535);
      counts[bucket] = count;
      if (count <= perSecond) return 'answer';
      return count % SLIP === 0 ? 'truncate' : 'drop';
    },
  };
}

/** Of the first three numbers of an IPv4 address, or the first four groups (less eight bits) of an IPv6 address. */
export function networkHash(address: string): number {
  const v4 = address.includes('.');
  const mark = v4 ? '.' : ':';
  let end = 0;
  for (let n = v4 ? 3 : 4; n > 0; n -= 1) {
    const next = address.indexOf(mark, end);
    if (next === -1) break;
    end = next + 1;
  }
  if (!v4) end = Math.max(0, end - 3);
  let hash = 0x811c_9dc5;
  for (let n = 0; n < end; n += 1) hash = Math.imul(hash ^ address.charCodeAt(n), 16_777_619);
  return hash ^ (hash >>> 15);
}
