import { LongshoreError, type Operation } from '@longshore/contract';
import type { QueryClient } from '@tanstack/react-query';
import { toastFailure, toastSuccess } from '../parts/toasts.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';

/** Operations that this tab asked for, with what they are called, until they have ended. */
const watched = new Map<string, string>();

/** Tells of the end of an operation by a toast. */
export function watchOperation(queries: QueryClient, operation: Operation, title: string): void {
  watched.set(operation.id, title);
  // It may have ended before it was watched.
  void settleWatched(queries, new Set([operation.id]));
}

/** Looks which of the changed operations have ended; null looks at all. */
export async function settleWatched(
  queries: QueryClient,
  changed: ReadonlySet<string> | null,
): Promise<void> {
  const ids = [...watched.keys()].filter((id) => changed === null || changed.has(id));
  await Promise.all(ids.map((id) => settle(queries, id)));
}

async function settle(queries: QueryClient, id: string): Promise<void> {
  try {
    const { value } = await client.call('getOperation', { params: { id } });
    const title = watched.get(id);
    if (value.endedAt === null || title === undefined) return;
    watched.delete(id);
    queries.setQueryData(['operation', id], value);
    if (value.action === 'instance.export') void queries.invalidateQueries({ queryKey: ['exports'] });
    if (value.status === 'succeeded') toastSuccess(title, t.operations.done);
    else toastFailure(title, value.failure ?? { message: t.operations.wasCancelled });
  } catch (error) {
    // Its next change, or the return of the server, asks again; who may not read operations is told nothing.
    if (error instanceof LongshoreError && error.code === 'permission-denied') watched.delete(id);
  }
}
