import type { UseHistory } from '@longshore/contract';
import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';

/** How far back a plot reaches. */
export const RANGES = { hour: 3_600_000, day: 86_400_000, month: 30 * 86_400_000 } as const;
export type Range = keyof typeof RANGES;

/** A point each minute is kept of the last day; plots of a month take one each quarter of an hour or more. */
const STEP_SECONDS: Readonly<Record<Range, number>> = { hour: 60, day: 300, month: 10_800 };

/** Use over time of one host, or of all together (`hostId` null), read again each minute while it is shown. */
export const historyQuery = (hostId: string | null, range: Range) =>
  queryOptions({
    queryKey: ['use-history', hostId, range],
    refetchInterval: 60_000,
    queryFn: async ({ signal }): Promise<UseHistory> => {
      const now = Date.now();
      const query = {
        from: new Date(now - RANGES[range]).toISOString(),
        to: new Date(now).toISOString(),
        step: String(STEP_SECONDS[range]),
      };
      const reply =
        hostId === null
          ? await client.call('getFleetUse', { query, signal })
          : await client.call('getHostUse', { params: { id: hostId }, query, signal });
      return reply.value;
    },
  });
