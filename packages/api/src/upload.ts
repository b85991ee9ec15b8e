import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';

/** After a refusal the rest of an upload is read and dropped for this long, so that the client comes to read why. */
const DISCARD_LIMIT_MS = 10_000;

/**
 * The body of an upload. Who reads it may destroy it without cutting the connection on which the answer goes out.
 */
export function openUpload(body: Readable): Readable {
  const upload = new PassThrough();
  body.pipe(upload);
  // Told to who reads it; a break after a refusal, when nobody reads any more, must not end the process.
  upload.on('error', () => undefined);
  // `pipe` hands on the end but not the break of a connection.
  body.once('close', () => {
    if (!body.readableEnded && !upload.destroyed) upload.destroy(new Error('The upload broke off.'));
  });
  return upload;
}

/** Reads what still comes of an upload that is not wanted, within limits; then cuts the connection. */
export function discardUpload(message: IncomingMessage): void {
  if (message.complete || message.destroyed) return;
  const limit = setTimeout(() => message.destroy(), DISCARD_LIMIT_MS).unref();
  message.once('close', () => clearTimeout(limit));
  message.unpipe();
  message.resume();
}
