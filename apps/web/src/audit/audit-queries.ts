import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';
import { type AuditChoice, timesOf } from './audit-choice.ts';

const PAGE = 100;
const LOOK_MS = 10_000;

export const auditQuery = (choice: AuditChoice) =>
  infiniteQueryOptions({
    queryKey: ['audit', choice],
    initialPageParam: '',
    queryFn: async ({ signal, pageParam }) =>
      (
        await client.call('listAudit', {
          query: {
            limit: PAGE,
            ...filterOf(choice),
            ...timesOf(choice),
            ...(pageParam === '' ? {} : { cursor: pageParam }),
          },
          signal,
        })
      ).value,
    getNextPageParam: ({ next }) => next,
    // Further pages would move under the reader's eyes.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LOOK_MS),
  });

export const auditSettingsQuery = queryOptions({
  queryKey: ['audit-settings'],
  queryFn: async ({ signal }) => (await client.call('getAuditSettings', { signal })).value,
});

/** The whole of what is chosen, as lines of JSON. */
export function exportAudit(choice: AuditChoice): Promise<Response> {
  return client.download('exportAudit', { query: { ...filterOf(choice), ...timesOf(choice) } });
}

function filterOf({ filter }: AuditChoice): { filter?: string } {
  return filter === undefined || filter === '' ? {} : { filter };
}
