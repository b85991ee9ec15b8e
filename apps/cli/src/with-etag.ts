import { LongshoreError } from '@longshore/contract';
import { CliError } from './cli-error.ts';

const TRIES = 4; // somebody else's edit between our reading and writing is rare; four in a row is a loop

/**
 * Reads an object, changes it under its ETag, and begins again where it was changed in between.
 * @throws LongshoreError what the API refuses with
 */
export async function withEtag<T, Result>(
  read: () => Promise<Readonly<{ value: T; etag: string | null }>>,
  change: (value: T, ifMatch: string) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const { value, etag } = await read();
    if (etag === null)
      throw new CliError('failed', 'The server sent no ETag, so nothing can be changed safely.');
    try {
      return await change(value, etag);
    } catch (error) {
      const changed = error instanceof LongshoreError && error.code === 'precondition-failed';
      if (!changed || attempt === TRIES) throw error;
    }
  }
}
