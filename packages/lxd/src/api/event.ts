import { z } from 'zod';
import { operationSchema } from './operation.ts';

const frame = {
  timestamp: z.string(),
  /** Cluster member, or empty. */
  location: z.string().default(''),
  /** Empty for events that belong to no project. */
  project: z.string().default(''),
};

/**
 * What a server says on `/1.0/events`. Source: LXD doc/events.md, api/event.go.
 * `lifecycle.action` is such as `instance-started`; `source` the URL of what changed.
 */
export const lxdEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('lifecycle'),
    ...frame,
    metadata: z.object({
      action: z.string(),
      source: z.string(),
      /** Name of the instance or other thing; newer servers only. */
      name: z.string().optional(),
      context: z.record(z.string(), z.unknown()).nullish(),
      requestor: z
        .object({
          username: z.string().default(''),
          protocol: z.string().default(''),
          address: z.string().default(''),
        })
        .nullish(),
    }),
  }),
  z.object({ type: z.literal('operation'), ...frame, metadata: operationSchema }),
  z.object({
    type: z.literal('logging'),
    ...frame,
    metadata: z.object({
      message: z.string(),
      level: z.string(),
      context: z.record(z.string(), z.unknown()).nullish(),
    }),
  }),
]);

export type LxdEvent = z.infer<typeof lxdEventSchema>;
export type LxdEventType = LxdEvent['type'];

/** Any frame with a type: newer servers have types (`ovn`, `network-acl`) that we do not ask for and may skip. */
export const unknownEventSchema = z.object({ type: z.string() });
