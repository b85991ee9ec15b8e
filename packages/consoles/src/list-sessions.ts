import { ConsoleSession, LongshoreError } from '@longshore/contract';
import { type Reach, reachesInstance } from '@longshore/fleet';
import { type SqlBool, type Store, sql } from '@longshore/store';
import { z } from 'zod';

const Row = z.object({ seq: z.coerce.number(), session: ConsoleSession });

/** One page of those who are connected, the newest first. */
export type SessionPage = Readonly<{ items: ConsoleSession[]; next: string | null; total: null }>;

/** Which sessions. */
export type SessionChoice = Readonly<{
  instanceId?: string;
  reach: Reach;
  limit: number;
  cursor?: string | undefined;
}>;

/** Who is connected, as far as the asker's reach goes. @throws LongshoreError `bad-cursor` */
export async function listSessions(store: Store, choice: SessionChoice): Promise<SessionPage> {
  const { cursor, limit } = choice;
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
    throw new LongshoreError('bad-cursor', 'The cursor does not belong to this list.', {
      hint: 'Pass `next` of the page before unchanged, or begin without a cursor.',
    });
  }
  const where = [
    sql<SqlBool>`console_proxy_lives(p.seen_at)`,
    ...reachesInstance(choice.reach),
    ...(choice.instanceId === undefined ? [] : [sql<SqlBool>`s.instance_id = ${choice.instanceId}`]),
    ...(cursor === undefined ? [] : [sql<SqlBool>`s.seq < ${cursor}::bigint`]),
  ];
  const { rows } = await sql`
    SELECT s.seq, jsonb_build_object('v', 1, 'id', s.id, 'instance', jsonb_build_object('id', i.id, 'name', i.name),
      'host', jsonb_build_object('id', h.id, 'name', h.name), 'type', s.type, 'access', s.access, 'slot', l.slot,
      'who', jsonb_build_object('kind', s.who -> 'kind', 'id', s.who -> 'id', 'name', s.who -> 'name'),
      'address', s.address, 'user', s.options -> 'user', 'startedAt', rfc3339(s.started_at), 'ending', s.ending) AS session
    FROM console_sessions s JOIN instances i ON i.id = s.instance_id JOIN hosts h ON h.id = i.host_id
    JOIN console_proxies p ON p.id = s.proxy_id LEFT JOIN console_leases l ON l.session_id = s.id
    WHERE ${sql.join(where, sql` AND `)} ORDER BY s.seq DESC LIMIT ${limit + 1}`.execute(store.db);
  const found = rows.map((row) => Row.parse(row));
  const page = found.slice(0, limit);
  return {
    items: page.map(({ session }) => session),
    next: found.length > limit ? String(page.at(-1)?.seq ?? '') : null,
    total: null,
  };
}
