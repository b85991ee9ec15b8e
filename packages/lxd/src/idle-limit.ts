import { Readable } from 'node:stream';
import { chunkBytes } from './chunk-bytes.ts';
import type { Deadline } from './deadline.ts';
import { discard } from './discard.ts';
import { fromNetworkError } from './lxd-error.ts';

/** Passes the bytes of `body` on; ends it after a silence longer than the deadline, and when nobody wants it any more. */
export function idleGuarded(body: Readable, deadline: Deadline, target: string): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) {
        deadline.pause(); // the reader's slowness is not the server's
        yield chunkBytes(chunk);
        deadline.restart();
      }
    } catch (error) {
      throw deadline.signal.aborted ? deadline.signal.reason : fromNetworkError(error, target);
    }
  }
  const guarded = Readable.from(chunks(), { objectMode: false });
  const onAbort = (): void => {
    guarded.destroy(deadline.signal.reason);
  };
  deadline.signal.addEventListener('abort', onAbort, { once: true });
  guarded.once('close', () => {
    deadline.signal.removeEventListener('abort', onAbort);
    deadline.end();
    // Not left to the generator: one that was never started does not clean up.
    discard(body);
  });
  return guarded;
}

/** Passes an upload on and begins the deadline anew with each piece that the connection took. */
export function restarting(body: Readable, deadline: Deadline): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      yield chunkBytes(chunk);
      deadline.restart();
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}
