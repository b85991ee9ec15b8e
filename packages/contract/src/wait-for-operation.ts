import type { Client } from './client.ts';
import { LongshoreError } from './problem.ts';
import type { Operation } from './resources/operation.ts';

/** One request waits this long at the server; well below the time-outs of what may stand in between. */
const LONG_ANSWER_SECONDS = 25;

/**
 * Waits until an operation has ended and returns it.
 * @throws LongshoreError with the code of its failure, also `cancelled`; whatever `signal` is aborted with.
 */
export async function waitForOperation(
  client: Client,
  id: string,
  options: { signal?: AbortSignal; onProgress?: (operation: Operation) => void } = {},
): Promise<Operation> {
  for (;;) {
    const { value } = await client.call('getOperation', {
      params: { id },
      query: { waitSeconds: LONG_ANSWER_SECONDS },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    options.onProgress?.(value);
    if (value.endedAt === null) continue;
    if (value.status === 'succeeded') return value;
    const { code, message, hint } = value.failure ?? {
      code: 'cancelled' as const,
      message: 'The operation was cancelled.',
    };
    throw new LongshoreError(code, message, hint === undefined ? {} : { hint });
  }
}
