import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import { type ConsoleSettings, slotsOf } from './console-settings.ts';
import { ConsoleWho } from './console-who.ts';
import { ticketHash } from './issue-ticket.ts';

/** What to open, as the ticket said it. */
export const ConsoleOptions = z.object({
  user: z.string().optional(),
  shell: z.string().optional(),
  command: z.array(z.string()).optional(),
  size: z.object({ columns: z.int(), rows: z.int() }),
});
export type ConsoleOptions = z.infer<typeof ConsoleOptions>;

/** A session as the database has it. */
export const SessionRow = z.object({
  id: z.string(),
  instance_id: z.string(),
  type: z.enum(['shell', 'console']),
  access: z.enum(['write', 'view']),
  options: ConsoleOptions,
  who: ConsoleWho,
  address: z.string(),
});
export type SessionRow = z.infer<typeof SessionRow>;

/** What became of a ticket. Nothing was dialled yet. */
export type Redeemed =
  | Readonly<{ outcome: 'opened' | 'occupied' | 'elsewhere'; session: SessionRow }>
  | Readonly<{ outcome: 'wait' | 'view'; session: SessionRow; targetId: string }>
  | Readonly<{ outcome: 'refused'; why: 'unknown' | 'used' | 'expired' | 'foreign-origin'; session: null }>;

const Row = z.object({
  outcome: z.enum(['opened', 'occupied', 'wait', 'view', 'elsewhere', 'refused']),
  session: SessionRow.nullable(),
  target: z.string().nullable(),
});

/**
 * Redeems a ticket: in one statement it is used up, the session is entered, and its place is taken. Why a ticket was
 * refused is for the audit log alone.
 *
 * @param origin of the page that connects; null: no browser. It must be the one that the ticket was given to.
 */
export async function redeemTicket(
  store: Store,
  settings: ConsoleSettings,
  proxyId: string,
  ticket: string,
  origin: string | null,
): Promise<Redeemed> {
  const hash = ticketHash(ticket);
  const { rows } = await sql`
    SELECT outcome, session, target FROM console_redeem(${hash}, ${proxyId}, ${origin},
      ${slotsOf(settings, 'shell')}, ${slotsOf(settings, 'console')})`.execute(store.db);
  const { outcome, session, target } = Row.parse(rows[0]);
  if (outcome === 'refused' || session === null) {
    return { outcome: 'refused', why: await whyRefused(store, hash), session: null };
  }
  if (outcome !== 'wait' && outcome !== 'view') return { outcome, session };
  return { outcome, session, targetId: target ?? '' };
}

async function whyRefused(
  store: Store,
  hash: Buffer,
): Promise<'unknown' | 'used' | 'expired' | 'foreign-origin'> {
  const { rows } = await sql<{ used: boolean; expired: boolean }>`
    SELECT used_at IS NOT NULL AS used, expires_at <= now() AS expired FROM console_tickets
    WHERE token_hash = ${hash}`.execute(store.db);
  const [row] = rows;
  if (row === undefined) return 'unknown';
  if (row.used) return 'used';
  return row.expired ? 'expired' : 'foreign-origin';
}

/** Tries to take a place for a session that waits for one. */
export async function takeLease(
  store: Store,
  settings: ConsoleSettings,
  session: SessionRow,
): Promise<boolean> {
  const { rows } = await sql<{ place: number | null }>`
    SELECT console_take_lease(s, ${slotsOf(settings, session.type)}) AS place FROM console_sessions s
    WHERE s.id = ${session.id}`.execute(store.db);
  return rows[0]?.place != null;
}

/** Ends a session in the database: its lease goes with it. Twice is harmless. */
export async function removeSession(store: Store, id: string): Promise<void> {
  await sql`DELETE FROM console_sessions WHERE id = ${id}`.execute(store.db);
}

/** Why a session is to end already, null for not at all, undefined where it is gone. */
export async function endingOf(store: Store, id: string): Promise<string | null | undefined> {
  const { rows } = await sql<{ ending: string | null }>`
    SELECT ending FROM console_sessions WHERE id = ${id}`.execute(store.db);
  return rows[0]?.ending;
}
