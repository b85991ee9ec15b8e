/** Chunks smaller than this are copied: they would keep the whole buffer of the socket that they came in. */
const COPY_BELOW_BYTES = 4096;
/** Shown to one who begins to look along: about a screen. */
const RECENT_BYTES = 8192;

/** What a session has shown and its user has not acknowledged: just what a resumption may need. */
export type UnackedBytes = Readonly<{
  push(chunk: Buffer): void;
  /** Takes note that the user has everything up to here. @returns false for a position that cannot be */
  ack(position: number): boolean;
  /** The chunks from a position on; null where they are gone, or not there yet. */
  from(position: number): readonly Buffer[] | null;
  /** The last screen or so, from the beginning of a line. */
  recent(): Buffer;
  /** How many bytes are unacknowledged. */
  size(): number;
  /** How many bytes there were in all. */
  end(): number;
}>;

/** Empty at first. The sender must stop at a limit by itself: nothing that is unacknowledged is ever dropped. */
export function createUnackedBytes(): UnackedBytes {
  // Acknowledged chunks stay at the front while they are among the last few kilobytes.
  let chunks: Buffer[] = [];
  let start = 0;
  let end = 0;
  let acked = 0;

  const forget = (): void => {
    const keepFrom = Math.min(acked, end - RECENT_BYTES);
    let drop = 0;
    while (drop < chunks.length - 1 && start + (chunks[drop]?.length ?? 0) <= keepFrom) {
      start += chunks[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) chunks = chunks.slice(drop);
  };

  return {
    push(chunk) {
      const last = chunks.at(-1);
      const small = chunk.length < COPY_BELOW_BYTES;
      // Keys and short lines are put together; else thousands of them would each be an object.
      if (small && last !== undefined && last.length < COPY_BELOW_BYTES) {
        chunks[chunks.length - 1] = Buffer.concat([last, chunk]);
      } else {
        chunks.push(small ? Buffer.from(chunk) : chunk);
      }
      end += chunk.length;
    },
    ack(position) {
      if (position > end) return false;
      acked = Math.max(acked, position);
      forget();
      return true;
    },
    from(position) {
      if (position < acked || position > end) return null;
      let at = start;
      const found: Buffer[] = [];
      for (const chunk of chunks) {
        const skip = position - at;
        if (skip < chunk.length) found.push(skip > 0 ? chunk.subarray(skip) : chunk);
        at += chunk.length;
      }
      return found;
    },
    recent() {
      const last = Buffer.concat(chunks).subarray(-RECENT_BYTES);
      if (end <= RECENT_BYTES) return last;
      return last.subarray(last.indexOf(0x0a) + 1);
    },
    size: () => end - acked,
    end: () => end,
  };
}
