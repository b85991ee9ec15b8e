import { LongshoreError } from '@longshore/contract';

/** Long connections of this process, by the token that opened them. */
export type OpenStreams = Readonly<{
  /**
   * Enters a connection; `close` leaves.
   * @throws LongshoreError `too-many-requests`
   */
  open(tokenId: string): Readonly<{ signal: AbortSignal; close(): void }>;
  /** Ends those of a token; null: all, whose clients then come back and are asked for their token. */
  end(tokenId: string | null): void;
  count(): number;
}>;

/** At most `limit` at once. */
export function createOpenStreams(limit: number): OpenStreams {
  const open = new Map<AbortController, string>();
  return {
    count: () => open.size,
    open(tokenId) {
      if (open.size >= limit) {
        throw new LongshoreError('too-many-requests', `${limit} event streams are open already.`, {
          hint: 'Close some, share one stream, or raise the limit in the settings.',
        });
      }
      const controller = new AbortController();
      open.set(controller, tokenId);
      return { signal: controller.signal, close: () => open.delete(controller) };
    },
    end(tokenId) {
      for (const [controller, owner] of open) if (tokenId === null || owner === tokenId) controller.abort();
    },
  };
}
