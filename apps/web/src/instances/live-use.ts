import type { UseSample } from '@longshore/contract';
import { queryOptions } from '@tanstack/react-query';
import { client } from '../session/client.ts';
import { withSample } from './use-samples.ts';

/** What is known of the use of an instance since somebody looks. */
export type LiveUse = Readonly<{ samples: readonly UseSample[]; failure: string | null }>;

/** The server asks the host every two seconds; asking the server more often would say nothing new. */
export const SAMPLE_MS = 2000;
/**
 * Looks at the use of an instance for as long as it is shown in a window that is in front: a hidden one asks nobody, and the
 * server stops asking the host half a minute later.
 */
export const liveUseQuery = (id: string) =>
  queryOptions({
    queryKey: ['instance-use', id],
    refetchInterval: SAMPLE_MS,
    refetchIntervalInBackground: false,
    structuralSharing: false,
    queryFn: async ({ signal, queryKey, client: queries }): Promise<LiveUse> => {
      const before = queries.getQueryData<LiveUse>(queryKey);
      const query = before === undefined ? { waitSeconds: '5' } : {};
      const { value } = await client.call('getInstanceUse', { params: { id }, query, signal });
      return { samples: withSample(before?.samples ?? [], value.sample), failure: value.failure };
    },
  });
