import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { chunkBytes } from './chunk-bytes.ts';

/** One file of a form. Names are ours, never a host's. */
export type MultipartFile = {
  readonly name: string;
  readonly filename: string;
  readonly body: Readable | Uint8Array;
};

/** Files as multipart/form-data (RFC 7578), streamed: nothing is held in memory. */
export function multipartBody(files: readonly MultipartFile[]): { body: Readable; contentType: string } {
  const boundary = `longshore-${randomUUID()}`;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const file of files) {
      const head = [
        `--${boundary}`,
        `Content-Disposition: form-data; name="${file.name}"; filename="${file.filename}"`,
        'Content-Type: application/octet-stream',
      ];
      yield Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
      if (file.body instanceof Uint8Array) yield file.body;
      else for await (const chunk of file.body) yield chunkBytes(chunk);
      yield Buffer.from('\r\n');
    }
    yield Buffer.from(`--${boundary}--\r\n`);
  }
  return {
    body: Readable.from(chunks(), { objectMode: false }),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}
