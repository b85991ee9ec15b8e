import { z } from 'zod';
import type { Requestor } from './event-hub.ts';
import type { HostState } from './host-state.ts';
import { ApiError } from './reply.ts';

/** One request on its way through the routes. */
export interface Call {
  readonly host: HostState;
  readonly method: string;
  readonly path: string;
  /** What stood in the places of the pattern's `{…}`, decoded. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  readonly ifMatch: string | undefined;
  readonly trusted: boolean;
  /** Certificate that the client showed at the TLS handshake. */
  readonly peer: { readonly fingerprint: string; readonly pem: string } | null;
  readonly requestor: Requestor;
  /** Body text; empty without one. */
  readonly body: string;
}

/** Name at a place of the pattern. */
export function nameAt(call: Call, place: number): string {
  return call.names[place] ?? '';
}

/** Project that the request speaks of. */
export function projectOf(call: Call): string {
  return call.query.get('project') || 'default';
}

/** Project of a list request, null for all of them. */
export function projectFilter(call: Call): string | null {
  return call.query.get('all-projects') === 'true' ? null : projectOf(call);
}

/** Depth of a list; LXD takes everything that is no number as 0. */
export function recursion(call: Call): number {
  return Number.parseInt(call.query.get('recursion') ?? '0', 10) || 0;
}

/** Parses a JSON body. Throws 400 like Go's decoder when it is not JSON or has the wrong shape. */
export function parseBody<T>(call: Call, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseJson(call.body));
  if (!result.success) throw new ApiError(400, `json: cannot unmarshal: ${z.prettifyError(result.error)}`);
  return result.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiError(400, `invalid character: ${error.message}`);
  }
}

/** String maps as clients send them; null means none, as in Go. */
export const configSchema = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? undefined);
export const devicesSchema = z
  .record(z.string(), z.record(z.string(), z.string()))
  .nullish()
  .transform((value) => value ?? undefined);
