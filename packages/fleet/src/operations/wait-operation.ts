import type { Operation } from '@longshore/contract';
import type { FleetContext } from '../fleet-context.ts';
import { isFinalStatus } from './operation-of-row.ts';
import { getOperation } from './read-operations.ts';

/** Sent by a trigger with the transaction that ends an operation: its identifier, and its parent's. */
export const ENDED_CHANNEL = 'operation_ended';

/**
 * The operation once it has ended, or as it is after `seconds` or when `signal` fires. Waits by notification; nothing
 * is polled.
 *
 * @throws LongshoreError `not-found`
 */
export async function waitOperation(
  context: FleetContext,
  id: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<Operation> {
  const first = await getOperation(context, id);
  if (seconds <= 0 || isFinalStatus(first.status)) return first;
  let news = Promise.withResolvers<void>();
  let over = signal?.aborted ?? false;
  const giveUp = (): void => {
    over = true;
    news.resolve();
  };
  const timer = setTimeout(giveUp, seconds * 1000);
  signal?.addEventListener('abort', giveUp, { once: true });
  const listening = await context.store.listen(ENDED_CHANNEL, {
    onNotify: (payload) => {
      if (payload.startsWith(id)) news.resolve();
    },
    onReconnect: () => news.resolve(),
  });
  try {
    for (;;) {
      // Read first: it may have ended before we listened.
      const operation = await getOperation(context, id);
      if (over || isFinalStatus(operation.status)) return operation;
      await news.promise;
      news = Promise.withResolvers<void>();
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    listening.stop();
  }
}
