import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type ConsoleCreation, type ConsoleTicket, ConsoleType, LongshoreError } from '@longshore/contract';
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
  name: z.string(),
  status: z.string(),
  host: z.string(),
  /** Places that are taken, and by whom. */
  taken: z.array(z.object({ slot: z.int(), sessionId: z.string(), who: z.string(), proxyId: z.string() })),
  proxies: z.array(z.object({ id: z.string(), url: z.string().nullable() })),
});
type Row = z.infer<typeof Row>;

/** What is stored of a ticket. */
export function ticketHash(ticket: string): Buffer {
  return createHash('sha256').update(ticket, 'utf8').digest();
}

/**
 * Makes a ticket: two statements, and no call to a host. The place that it names is one that is free now; whoever
 * redeems first has it.
 *
 * @throws LongshoreError `not-found`, `conflict` (the instance does not run), `console-occupied`, `unavailable`
 */
export async function issueTicket(
  store: Store,
  settings: ConsoleSettings,
  request: TicketRequest,
): Promise<ConsoleTicket> {
  const { asked, instanceId } = request;
  const row = await readInstance(store, instanceId, asked.type);
  if (row.status !== 'running') {
    throw new LongshoreError('conflict', `${row.name} does not run (${row.status}).`, {
      hint: 'A console needs a running instance: start it.',
    });
  }
  const slots = slotsOf(settings, asked.type);
  const free = Array.from({ length: slots }, (_, index) => index + 1).find(
    (slot) => !row.taken.some((each) => each.slot === slot),
  );
  const holder = row.taken.find(
    (each) => asked.sessionId === undefined || each.sessionId === asked.sessionId,
  );
  if (asked.mode === 'deny' && free === undefined) throw occupied(row, asked.type, slots);
  if (asked.mode === 'view' && holder === undefined) {
    throw new LongshoreError('not-found', `${row.name} has no ${asked.type} that is open, so none to view.`, {
      hint: 'Open one yourself (mode "deny").',
    });
  }
  const proxy = row.proxies.find((each) => each.id === holder?.proxyId) ?? row.proxies[0];
  if (proxy === undefined) {
    throw new LongshoreError('unavailable', 'No process carries consoles at the moment.', {
      hint: 'Start one with the role `console`.',
    });
  }
  const ticket = randomBytes(TICKET_BYTES).toString('base64url');
  const sessionId = randomUUID();
  const { user, shell, command, size } = asked;
  const { rows } = await sql<{ expires_at: Date }>`
    INSERT INTO console_tickets (token_hash, id, instance_id, type, mode, target_id, options, origin, who, address, expires_at)
    VALUES (${ticketHash(ticket)}, ${sessionId}, ${instanceId}, ${asked.type}, ${asked.mode}, ${asked.sessionId ?? null},
      ${JSON.stringify({ user, shell, command, size })}::jsonb, ${request.origin}, ${JSON.stringify(request.who)}::jsonb,
      ${request.address}, now() + make_interval(secs => ${settings.ticketSeconds}))
    RETURNING expires_at`.execute(store.db);
  return {
    v: 1,
    sessionId,
    url: proxy.url ?? OWN_PATH,
    ticket,
    expiresAt: (rows[0]?.expires_at ?? new Date(0)).toISOString(),
    connect: {
      instanceId,
      host: row.host,
      type: asked.type,
      slot: asked.mode === 'view' ? null : (free ?? holder?.slot ?? null),
    },
  };
}

async function readInstance(store: Store, id: string, type: ConsoleType): Promise<Row> {
  const { rows } = await sql`
    SELECT i.name, i.status, h.name AS host,
      coalesce((SELECT jsonb_agg(jsonb_build_object('slot', l.slot, 'sessionId', l.session_id, 'who', s.who ->> 'name',
          'proxyId', l.proxy_id) ORDER BY s.seq)
        FROM console_leases l JOIN console_sessions s ON s.id = l.session_id JOIN console_proxies p ON p.id = l.proxy_id
        WHERE l.instance_id = i.id AND l.type = ${ConsoleType.parse(type)} AND console_proxy_lives(p.seen_at)), '[]') AS taken,
      coalesce((SELECT jsonb_agg(jsonb_build_object('id', p.id, 'url', p.url) ORDER BY p.started_at DESC)
        FROM console_proxies p WHERE console_proxy_lives(p.seen_at)), '[]') AS proxies
    FROM instances i JOIN hosts h ON h.id = i.host_id WHERE i.id = ${id}`.execute(store.db);
  if (rows[0] === undefined) throw new LongshoreError('not-found', `There is no instance ${id}.`);
  return Row.parse(rows[0]);
}

function occupied(row: Row, type: ConsoleType, slots: number): LongshoreError {
  const names = [...new Set(row.taken.map((each) => each.who))].join(', ');
  return new LongshoreError(
    'console-occupied',
    type === 'console'
      ? `The console of ${row.name} is in use by ${names}.`
      : `All ${slots} shells of ${row.name} are in use (${names}).`,
    { hint: 'View along (mode "view"), take it over (mode "takeover"), or wait.' },
  );
}
