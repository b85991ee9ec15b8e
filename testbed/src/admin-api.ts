import { request } from 'node:http';
import { z } from 'zod';
import { TestbedError } from './testbed-error.ts';

const replySchema = z.object({ error: z.string().optional(), metadata: z.unknown() });

/**
 * One call to a host's API as its local administrator, over the unix socket, returning the reply's `metadata`.
 * The testbed has a client of its own, a small one, so that what is tested on it does not also set it up.
 * Throws `command-failed` with the server's words.
 */
export async function callAdminApi(
  socketPath: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const { status, text } = await send(socketPath, method, path, body, signal);
  const reply = replySchema.safeParse(parseJson(text));
  if (status >= 400 || !reply.success) {
    const said = reply.success ? reply.data.error : text.slice(0, 500);
    throw new TestbedError(
      'command-failed',
      `${method} ${path} at ${socketPath} answered ${status}: ${said}`,
    );
  }
  return reply.data.metadata;
}

/** Whether the daemon has finished its start (`waitready` of the CLI asks the same, but only once a second). */
export async function isDaemonReady(socketPath: string): Promise<boolean> {
  try {
    return (await send(socketPath, 'GET', '/internal/ready', undefined, undefined)).status === 200;
  } catch {
    // No socket yet, or nobody listens: not ready.
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not an API reply; the caller reports the text.
    return undefined;
  }
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(
      {
        socketPath,
        method,
        path,
        agent: false,
        timeout: 60_000,
        ...(sent !== undefined && {
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) },
        }),
        ...(signal && { signal }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    outgoing.on('timeout', () =>
      outgoing.destroy(new TestbedError('timed-out', `${method} ${path} at ${socketPath}: silent for 60 s`)),
    );
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}
