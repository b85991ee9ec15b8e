import { z } from 'zod';

/**
 * A background operation of the server. Source: LXD api/operation.go `Operation`, doc/rest-api.md "Status codes":
 * 103 running, 104 cancelling, 105 pending, 106 starting, 107 stopping, 200 success, 400 failure, 401 cancelled.
 */
export const operationSchema = z.object({
  id: z.string().regex(/^[0-9a-fA-F-]{1,64}$/),
  class: z.string(),
  description: z.string().default(''),
  created_at: z.string(),
  updated_at: z.string(),
  status: z.string(),
  status_code: z.number().int(),
  resources: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  may_cancel: z.boolean().default(false),
  err: z.string().default(''),
  location: z.string().default(''),
});

export type Operation = z.infer<typeof operationSchema>;

/** A list of operations comes grouped by status. */
export const operationListSchema = z
  .record(z.string(), z.array(operationSchema).nullable())
  .nullish()
  .transform((groups) => Object.values(groups ?? {}).flatMap((group) => group ?? []));

/** An operation just started, in the project the call went to. */
export type OperationRef = { readonly id: string; readonly project: string; readonly operation: Operation };

/** True once the operation will not change any more. */
export function isFinal(operation: Operation): boolean {
  return operation.status_code >= 200;
}

/** Secrets of an operation's websockets: the part of `metadata` that is a flat string map. */
export const socketSecretsSchema = z.record(z.string(), z.string());
