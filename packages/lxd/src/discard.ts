import type { Readable } from 'node:stream';

/** Throws away an answer nobody will read, and with it its connection. */
export function discard(body: Readable): void {
  body.on('error', () => {
    // undici reports our own destroy() as an aborted request; without a listener Node would end the process.
  });
  body.destroy();
}
