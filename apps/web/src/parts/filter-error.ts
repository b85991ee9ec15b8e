import { LongshoreError } from '@longshore/contract';

/** What the server says of a filter that it cannot read, for the search bar; null for any other error and none. */
export function filterErrorOf(error: Error | null): string | null {
  if (!(error instanceof LongshoreError) || error.code !== 'bad-filter') return null;
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
}
