import { LogName } from '@longshore/contract';
import { z } from 'zod';

/** Told with a host's identifier when a question to it waits. */
export const ERRANDS_CHANNEL = 'host_errands';
/** Who asked has been answered long before, or has given up. */
export const ERRAND_LIFETIME = '1 minute';

const instance = { lxdProject: z.string(), name: z.string(), type: z.enum(['container', 'virtual-machine']) };

/** What a host can be asked while a person waits. */
export const Question = z.discriminatedUnion('what', [
  z.object({ what: z.literal('list-logs'), ...instance }),
  z.object({ what: z.literal('read-log'), ...instance, log: LogName, bytes: z.int() }),
]);
export type Question = z.infer<typeof Question>;

/** What came of a question: a value, bytes, or both. */
export type Answer = Readonly<{ reply: unknown; body: Buffer | null }>;
