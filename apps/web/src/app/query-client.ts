import { LongshoreError } from '@longshore/contract';
import { QueryClient } from '@tanstack/react-query';

/** The cache of what pages have read. A refusal is final; a break in the line is tried again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof LongshoreError && error.code === 'unavailable' && count < 3,
    },
  },
});
