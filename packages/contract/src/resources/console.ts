import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';

/** `shell`: a command of its own in the instance. `console`: what the instance itself shows, as on a serial line. */
export const ConsoleType = z.enum(['shell', 'console']).meta({ id: 'ConsoleType' });
export type ConsoleType = z.infer<typeof ConsoleType>;

/** A terminal in characters. Beyond these, programs in guests misbehave. */
export const TerminalSize = z
  .strictObject({ columns: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) })
  .meta({ id: 'TerminalSize' });
export type TerminalSize = z.infer<typeof TerminalSize>;

/** What to open. */
export const ConsoleCreation = z
  .strictObject({
    type: ConsoleType,
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_.-]{0,31}$/, 'the name of a user in the instance')
      .optional()
      .describe('For a shell; default `root`.'),
    shell: z
      .string()
      .max(255)
      .regex(/^\/[\w./+-]+$/, 'the whole path of a program, such as /bin/bash')
      .optional()
      .describe('For a shell; default: the login shell of the user.'),
    command: z
      .array(
        z
          .string()
          .max(4096)
          .regex(/^[^\0]*$/),
      )
      .min(1)
      .max(64)
      .optional()
      .describe('For a shell: a program with its arguments, instead of a login.'),
    size: TerminalSize.default({ columns: 80, rows: 24 }),
    mode: z
      .enum(['deny', 'takeover', 'view'])
      .default('deny')
      .describe(
        'Where somebody is connected already: refuse, end their session after a warning, or look along and type nothing.',
      ),
    sessionId: Id.optional().describe('Which session to take over or to view; default: the oldest.'),
  })
  .refine(
    (asked) =>
      asked.type === 'shell' ||
      (asked.user === undefined && asked.shell === undefined && asked.command === undefined),
    'user, shell and command are for type "shell"',
  )
  .meta({ id: 'ConsoleCreation' });
export type ConsoleCreation = z.infer<typeof ConsoleCreation>;

/** The permission to open one console once. The ticket is told here and never again, and is part of no address. */
export const ConsoleTicket = z
  .object({
    v: z.literal(1).describe('Version of this object.'),
    sessionId: Id.describe('Of the session that the ticket will open.'),
    url: z
      .string()
      .describe('Where to open a websocket: an address, or a path on this server. It names no secret.'),
    ticket: z.string().describe('For the first frame.'),
    expiresAt: Timestamp,
    connect: z.object({
      instanceId: Id,
      host: z.string(),
      type: ConsoleType,
      slot: z.int().nullable().describe('The place that was free when asked; null for one who looks along.'),
    }),
  })
  .meta({ id: 'ConsoleTicket' });
export type ConsoleTicket = z.infer<typeof ConsoleTicket>;

/** One who is connected to a console. */
export const ConsoleSession = z
  .object({
    v: z.literal(1),
    id: Id,
    instance: z.object({ id: Id, name: z.string() }),
    host: z.object({ id: Id, name: z.string() }),
    type: ConsoleType,
    access: z.enum(['write', 'view']),
    slot: z.int().nullable(),
    who: z.object({ kind: z.enum(['person', 'robot', 'set-up']), id: z.string(), name: z.string() }),
    address: z.string(),
    user: z.string().nullable().describe('In the instance.'),
    startedAt: Timestamp,
    ending: z.string().nullable().describe('Why it is about to end.'),
  })
  .meta({ id: 'ConsoleSession' });
export type ConsoleSession = z.infer<typeof ConsoleSession>;
