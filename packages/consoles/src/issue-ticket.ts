import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type ConsoleCreation, type ConsoleTicket, LongshoreError } from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import { type ConsoleSettings, slotsOf } from './console-settings.ts';
import type { ConsoleWho } from './console-who.ts';

/** What a ticket is asked for; that `who` may open the console was checked before. */
export type TicketRequest = Readonly<{
  instanceId: string;
  asked: ConsoleCreation;
  who: ConsoleWho;
  /** Of the page that asks, exactly as the browser says it; null: no browser. */
  origin: string | null;
  address: string;
}>;

const TICKET_BYTES = 32;
/** Where the API itself carries consoles. */
const OWN_PATH = '/v1/console';

const Row = z.object({
  outcome: z.enum(['issued', 'not-found', 'not-running', 'occupied', 'nobody', 'no-proxy']),
  name: z.string().nullable(),
  status: z.string().nullable(),
  host: z.string().nullable(),
  holders: z.array(z.string()).nullable(),
  place: z.int().nullable(),
  url: z.string().nullable(),
  expires: z.date().nullable(),
});
type Row = z.infer<typeof Row>;

/** What is stored of a ticket. */
export function ticketHash(ticket: string): Buffer {
  return createHash('sha256').update(ticket, 'utf8').digest();
}

/**
 * Makes a ticket: one statement, and no call to a host. The place that it names is one that is free now; whoever redeems
 * first has it.
 *
 * @throws LongshoreError `not-found`, `conflict` (the instance does not run), `console-occupied`, `unavailable`
 */
export async function issueTicket(
  store: Store,
  settings: ConsoleSettings,
  request: TicketRequest,
): Promise<ConsoleTicket> {
  const { asked, instanceId } = request;
  const { user, shell, command, size, type, mode } = asked;
  const ticket = randomBytes(TICKET_BYTES).toString('base64url');
  const sessionId = randomUUID();
  const { rows } = await sql`
    SELECT outcome, name, status, host, holders, place, url, expires FROM console_issue(${ticketHash(ticket)}, ${sessionId},
      ${instanceId}, ${type}, ${mode}, ${asked.sessionId ?? null}, ${JSON.stringify({ user, shell, command, size })},
      ${request.origin}, ${JSON.stringify(request.who)}, ${request.address}, ${settings.ticketSeconds},
      ${slotsOf(settings, type)})`.execute(store.db);
  const row = Row.parse(rows[0]);
  if (row.outcome !== 'issued' || row.expires === null) throw refusalOf(row, request);
  return {
    v: 1,
    sessionId,
    url: row.url ?? OWN_PATH,
    ticket,
    expiresAt: row.expires.toISOString(),
    connect: { instanceId, host: row.host ?? '', type, slot: mode === 'view' ? null : row.place },
  };
}

function refusalOf(
  { outcome, name, status, holders }: Row,
  { asked, instanceId }: TicketRequest,
): LongshoreError {
  switch (outcome) {
    case 'not-found':
      return new LongshoreError('not-found', `There is no instance ${instanceId}.`);
    case 'not-running':
      return new LongshoreError('conflict', `${name} does not run (${status}).`, {
        hint: 'A console needs a running instance: start it.',
      });
    case 'nobody':
      return new LongshoreError('not-found', `${name} has no ${asked.type} that is open, so none to view.`, {
        hint: 'Open one yourself (mode "deny").',
      });
    case 'occupied': {
      const names = (holders ?? []).join(', ');
      return new LongshoreError(
        'console-occupied',
        asked.type === 'console'
          ? `The console of ${name} is in use by ${names}.`
          : `All shells of ${name} are in use (${names}).`,
        { hint: 'View along (mode "view"), take it over (mode "takeover"), or wait.' },
      );
    }
    case 'no-proxy':
    case 'issued':
      return new LongshoreError('unavailable', 'No process carries consoles at the moment.', {
        hint: 'Start one with the role `console`.',
      });
    default:
      return outcome satisfies never;
  }
}
