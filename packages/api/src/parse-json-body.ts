import { LongshoreError } from '@longshore/contract';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * A body as JSON (RFC 8259: UTF-8); undefined when there is none. A key `__proto__` is data like any other here, as
 * JSON.parse makes it an own property, and no schema of ours has it.
 *
 * @throws LongshoreError `bad-request`
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(body));
  } catch (error) {
    throw new LongshoreError(
      'bad-request',
      `The body is not JSON: ${error instanceof Error ? error.message : error}.`,
      {
        hint: 'Send JSON in UTF-8 with "Content-Type: application/json".',
        cause: error,
      },
    );
  }
}
