import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';

/** Who did what to what, from where, with what result. */
export const AuditEntry = z
  .object({
    id: z.string(),
    at: Timestamp,
    who: z
      .object({
        kind: z
          .enum(['person', 'robot', 'set-up', 'nobody', 'foreign', 'longshore'])
          .describe('`foreign`: somebody on the host itself, past Longshore.'),
        id: z.string(),
        name: z.string().describe('As it was then.'),
      })
      .describe('Who asked.'),
    via: z.string().describe('`token:ID` or `session:ID`.'),
    address: z.string().describe('Where from.'),
    action: z.string().describe('The route, by identifier; or `foreign-change`.'),
    target: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    status: z.int().describe('As HTTP says it.'),
    code: z.string().nullable().describe('Of the error.'),
    operationId: Id.nullable(),
    requestId: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** How long the audit log is kept. */
export const AuditSettings = z
  .strictObject({ keepDays: z.int().min(30).max(36_500) })
  .meta({ id: 'AuditSettings' });
export type AuditSettings = z.infer<typeof AuditSettings>;
