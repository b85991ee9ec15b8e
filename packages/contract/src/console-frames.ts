import { z } from 'zod';
import { Id } from './names.ts';
import { ConsoleType, TerminalSize } from './resources/console.ts';

/** The websocket sub-protocol of consoles, version 1; described in docs/spec/consoles.md. */
export const CONSOLE_PROTOCOL = 'longshore-console.v1';

/** A sender stops when this much is not acknowledged, and goes on when it is down to the lower mark; bytes. */
export const CONSOLE_WINDOW = { highBytes: 1_048_576, lowBytes: 262_144 } as const;

/** Typed at most beyond what the instance has taken; bytes. A client holds the rest back. */
export const CONSOLE_INPUT_WINDOW_BYTES = 65_536;

const Count = z.int().min(0);

/** What a client says in text frames; binary frames are what is typed. The first one is `open` or `resume`. */
export const ConsoleRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('open'), ticket: z.string().min(1).max(200) }),
  z.strictObject({
    type: z.literal('resume'),
    sessionId: Id,
    secret: z.string().min(1).max(200),
    received: Count.describe('Bytes of the session that the client has.'),
  }),
  z.strictObject({ type: z.literal('resize'), size: TerminalSize }),
  z.strictObject({ type: z.literal('ack'), received: Count.describe('Bytes of the session, in all.') }),
  z.strictObject({ type: z.literal('end') }),
]);
export type ConsoleRequest = z.infer<typeof ConsoleRequest>;

/** What the proxy says in text frames; binary frames are what the instance shows. */
export const ConsoleNotice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('waiting'), seconds: z.int(), who: z.string() }),
  z.object({
    type: z.literal('ready'),
    sessionId: Id,
    secret: z
      .string()
      .describe('Resumes the session after a lost connection; empty for one who looks along.'),
    consoleType: ConsoleType,
    access: z.enum(['write', 'view']),
    offset: Count.describe('Where in the session the next byte stands.'),
    taken: Count.describe('Bytes typed that the instance has taken, in all.'),
    resumed: z.boolean(),
  }),
  z.object({ type: z.literal('taken'), bytes: Count }),
  z.object({
    type: z.literal('warning'),
    about: z.enum(['takeover', 'gap']),
    seconds: z.int(),
    who: z.string(),
  }),
  z.object({ type: z.literal('viewers'), names: z.array(z.string()) }),
  z.object({ type: z.literal('failed'), message: z.string().describe('What the host said.') }),
  z.object({ type: z.literal('exit'), code: z.int().nullable() }),
]);
export type ConsoleNotice = z.infer<typeof ConsoleNotice>;

/**
 * Why a console ends: the close code of the websocket; the reason's text is the key. What is wrong with a ticket is not
 * told: who guesses learns nothing.
 */
export const CONSOLE_ENDINGS = {
  ended: { code: 1000, again: 'no', text: 'The session has ended.' },
  'proxy-stopped': { code: 1012, again: 'anew', text: 'The console server stops.' },
  protocol: { code: 4400, again: 'no', text: 'The connection broke the rules of the protocol.' },
  'ticket-refused': { code: 4401, again: 'no', text: 'The ticket is not valid.' },
  revoked: { code: 4403, again: 'no', text: 'You may no longer use this console.' },
  'session-unknown': { code: 4404, again: 'anew', text: 'The session is gone and cannot be resumed.' },
  idle: { code: 4408, again: 'no', text: 'Nothing was typed or shown for too long.' },
  occupied: { code: 4409, again: 'no', text: 'Somebody else is connected.' },
  'taken-over': { code: 4409, again: 'no', text: 'Somebody else has taken the console over.' },
  'instance-gone': { code: 4410, again: 'no', text: 'The instance was stopped, moved or removed.' },
  kicked: { code: 4411, again: 'no', text: 'The session was ended by an administrator.' },
  'time-over': { code: 4412, again: 'no', text: 'The session was open for as long as sessions may be.' },
  replaced: { code: 4414, again: 'no', text: 'The session goes on in another window.' },
  'host-failed': { code: 4502, again: 'no', text: 'The host did not open the console, or lost it.' },
  'not-now': { code: 4503, again: 'anew', text: 'No console can be opened at the moment.' },
} as const satisfies Record<string, { code: number; again: 'no' | 'anew'; text: string }>;

/** A key of {@link CONSOLE_ENDINGS}. */
export type ConsoleEnding = keyof typeof CONSOLE_ENDINGS;

const ENDINGS = Object.keys(CONSOLE_ENDINGS) as [ConsoleEnding, ...ConsoleEnding[]];
const Ending = z.enum(ENDINGS);

/** The ending that a close frame tells; null where the connection was just lost. */
export function consoleEndingOf(code: number, reason: string): ConsoleEnding | null {
  const known = Ending.safeParse(reason);
  if (known.success) return known.data;
  return ENDINGS.find((each) => CONSOLE_ENDINGS[each].code === code) ?? null;
}
