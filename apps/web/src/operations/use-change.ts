import { type InstancePage, LongshoreError, type Operation } from '@longshore/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { INSTANCES_KEY } from '../live/fleet-queries.ts';
import { toastAccepted, toastFailure } from '../parts/toasts.ts';
import { watchOperation } from './watched-operations.ts';

/** What a change answers: its operation, or nothing where it was done at once. */
type Answer = { value: { operation: Operation } } | { value: unknown };

export type Change = Readonly<{
  /** Asks; answers whether it was accepted. Errors are shown as a toast unless `onError` takes them. */
  ask(
    title: string,
    send: () => Promise<Answer>,
    onError?: (error: LongshoreError) => void,
  ): Promise<boolean>;
  asking: boolean;
}>;

/** Asks for changes: shows at once that something goes on, and by a toast how it ended. */
export function useChange(): Change {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const ask = useCallback<Change['ask']>(
    async (title, send, onError) => {
      setAsking(true);
      try {
        const { value } = await send();
        const operation = operationOf(value);
        if (operation !== null) {
          markBusy(queries, operation);
          toastAccepted(title);
          watchOperation(queries, operation, title);
        }
        return true;
      } catch (error) {
        if (!(error instanceof LongshoreError)) throw error;
        if (onError === undefined) toastFailure(title, error);
        else onError(error);
        return false;
      } finally {
        setAsking(false);
      }
    },
    [queries],
  );
  return { ask, asking };
}

function operationOf(value: unknown): Operation | null {
  if (typeof value !== 'object' || value === null || !('operation' in value)) return null;
  // The typed client has parsed it.
  return (value as { operation: Operation }).operation;
}

/** The row shows the operation before the first event tells of it. */
function markBusy(queries: ReturnType<typeof useQueryClient>, operation: Operation): void {
  const { id, target } = operation;
  if (target.kind !== 'instance' || target.id === null || operation.endedAt !== null) return;
  queries.setQueriesData<InstancePage>({ queryKey: INSTANCES_KEY }, (page) => {
    const at = page?.items.findIndex((item) => item.id === target.id) ?? -1;
    const item = page?.items[at];
    if (page === undefined || item === undefined) return page;
    return { ...page, items: page.items.with(at, { ...item, operationId: id }) };
  });
}
