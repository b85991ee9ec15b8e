import { z } from 'zod';
import { resourceUrlSchema } from './api/envelope.ts';
import { apiPath } from './api-path.ts';
import type { ProjectOptions } from './call-options.ts';
import type { Transport } from './transport.ts';

/** What the server keeps of an instance's log files and its console. */
export type InstanceLogs = {
  /** Names of the log files. */
  logs(name: string, options?: ProjectOptions): Promise<readonly string[]>;
  /** Text of one log file. */
  log(name: string, file: string, options?: ProjectOptions): Promise<string>;
  /** Size of one log file in bytes without reading it; null where the server does not tell. */
  logSize(name: string, file: string, options?: ProjectOptions): Promise<number | null>;
  /**
   * The last `bytes` of a log file, or of the console for null, read without holding more than twice that. What is
   * longer than 256 MiB is read no further: then it is the last of these. `timeoutMs` is the longest silence.
   */
  logEnd(name: string, file: string | null, bytes: number, options?: ProjectOptions): Promise<Buffer>;
  /** What the guest wrote to its console since start, as far as the server keeps it. */
  consoleLog(name: string, options?: ProjectOptions): Promise<string>;
};

/** Servers have no ranges here, so all of a log is sent; a log that grows for ever must not be followed for ever. */
const MAX_READ_BYTES = 256 * 1024 * 1024;

/** See {@link InstanceLogs}. */
export function createInstanceLogs(transport: Transport): InstanceLogs {
  const request = (name: string, file: string | null, { project }: ProjectOptions) => ({
    method: 'GET' as const,
    path:
      file === null ? apiPath`/1.0/instances/${name}/console` : apiPath`/1.0/instances/${name}/logs/${file}`,
    query: { project },
  });
  return {
    async logs(name, options = {}) {
      const query = { project: options.project };
      const path = apiPath`/1.0/instances/${name}/logs`;
      const refs = await transport.get({ path, query }, z.array(resourceUrlSchema), options);
      return refs.map((ref) => ref.name);
    },
    log: (name, file, options = {}) => transport.text(request(name, file, options), options),
    async logSize(name, file, options = {}) {
      const { headers, body } = await transport.stream(request(name, file, options), options);
      body.on('error', () => {
        // It is broken off here on purpose.
      });
      body.destroy();
      const length = String(headers['content-length'] ?? '');
      return /^\d{1,15}$/.test(length) ? Number(length) : null;
    },
    async logEnd(name, file, bytes, options = {}) {
      const { body } = await transport.stream(request(name, file, options), options);
      let kept = Buffer.alloc(0);
      let read = 0;
      for await (const chunk of body) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes gave something else');
        read += chunk.length;
        kept = Buffer.concat([kept, chunk]);
        if (kept.length > bytes * 2) kept = Buffer.from(kept.subarray(-bytes));
        if (read > MAX_READ_BYTES) break; // leaving the loop destroys the stream
      }
      return kept.subarray(-bytes);
    },
    consoleLog: (name, options = {}) => transport.text(request(name, null, options), options),
  };
}
