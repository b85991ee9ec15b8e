import { FleetEvent } from '@longshore/contract';
import { type Query, type Store, sql } from '@longshore/store';
import './outbox-table.ts';
import { formatPosition, type Position, parsePosition } from './position.ts';

/** An event and where it stands. */
export type PlacedEvent = Readonly<{ position: Position; event: FleetEvent }>;

/** Which events are wanted; what is not given is not restricted. */
export type EventChoice = Readonly<{ types?: readonly string[]; hostId?: string }>;

/**
 * The horizon: transactions before it have ended, one way or the other, so no event can appear before it any more.
 * Everything that was written by a later one waits, even when it is visible already.
 */
const HORIZON = sql`pg_snapshot_xmin(pg_current_snapshot())`;

type OutboxRow = {
  txid: string;
  seq: string;
  at: Date;
  type: string;
  resource_id: string;
  host_id: string | null;
  data: unknown;
  pruned: string;
};

/** What one read of the outbox gave. */
export type OutboxPage = Readonly<{
  events: readonly PlacedEvent[];
  /** Where the read ended: after the last row, whether its event was wanted and understood or not. */
  end: Position;
  full: boolean;
  /** What pruning had removed when this was read; null where nothing was found. */
  pruned: Position | null;
}>;

/** Reads events after a position, in order, none that a slower transaction could still get before. */
export async function readOutbox(
  store: Store,
  after: Position,
  limit: number,
  choice: EventChoice = {},
): Promise<OutboxPage> {
  const { rows } = await sql<OutboxRow>`
    SELECT txid::text, seq::text, at, type, resource_id, host_id, data,
      (SELECT p.txid::text || '-' || p.seq FROM outbox_pruned p) AS pruned
    FROM outbox
    WHERE (txid, seq) > (${after.txid.toString()}::xid8, ${after.seq.toString()}::bigint) AND txid < ${HORIZON}
      AND (${choice.types === undefined ? null : [...choice.types]}::text[] IS NULL OR type = ANY (${choice.types === undefined ? null : [...choice.types]}::text[]))
      AND (${choice.hostId ?? null}::uuid IS NULL OR host_id = ${choice.hostId ?? null}::uuid)
    ORDER BY txid, seq LIMIT ${limit}`.execute(store.db);
  const events: PlacedEvent[] = [];
  let end = after;
  for (const row of rows) {
    end = { txid: BigInt(row.txid), seq: BigInt(row.seq) };
    const parsed = FleetEvent.safeParse({
      id: formatPosition(end),
      at: row.at.toISOString(),
      type: row.type,
      resourceId: row.resource_id,
      hostId: row.host_id,
      data: row.data,
    });
    if (parsed.success) events.push({ position: end, event: parsed.data });
    // A newer process on the same database may write types that this one does not know yet.
    else store.log.warn({ event: formatPosition(end), type: row.type }, 'left out an event of unknown form');
  }
  const pruned = rows[0] === undefined ? null : parsePosition(rows[0].pruned);
  return { events, end, full: rows.length === limit, pruned };
}

/** Whether committed events wait for an older transaction that is still running. */
export async function eventsWait(store: Store): Promise<boolean> {
  const { rows } = await sql<{ wait: boolean }>`
    SELECT EXISTS (SELECT FROM outbox WHERE txid >= ${HORIZON}) AS wait`.execute(store.db);
  return rows[0]?.wait === true;
}

/** The present end of the stream: what is committed later stands after it. */
export async function presentEnd(store: Store): Promise<Position> {
  const { rows } = await sql<{ horizon: string }>`SELECT ${HORIZON}::text AS horizon`.execute(store.db);
  return { txid: BigInt(rows[0]?.horizon ?? '0'), seq: 0n };
}

/** Seconds since the oldest event after a position was written; 0 when there is none. */
export async function lagSeconds(store: Store, after: Position): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    SELECT coalesce((
      SELECT greatest(extract(epoch FROM clock_timestamp() - at), 0) FROM outbox
      WHERE (txid, seq) > (${after.txid.toString()}::xid8, ${after.seq.toString()}::bigint)
      ORDER BY txid, seq LIMIT 1), 0)::float8 AS seconds`.execute(store.db);
  return rows[0]?.seconds ?? 0;
}

/** Whether a position can be of this database: not of one that was replaced by an older copy. */
export async function isOfThisDatabase(store: Store, position: Position): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    SELECT ${position.txid.toString()}::xid8 <= pg_snapshot_xmax(pg_current_snapshot()) AS known`.execute(
    store.db,
  );
  return rows[0]?.known === true;
}

/**
 * Removes what a restored copy brought along from another server, whose transaction numbers were ahead of this one's:
 * such events would wait until this server has counted as far.
 */
export async function forgetForeignEvents(store: Store): Promise<void> {
  await sql`DELETE FROM outbox WHERE txid >= pg_snapshot_xmax(pg_current_snapshot())`.execute(store.db);
  await sql`UPDATE outbox_pruned SET txid = '0', seq = 0
    WHERE txid >= pg_snapshot_xmax(pg_current_snapshot())`.execute(store.db);
}

/** The last position that pruning has removed. */
export async function prunedUpTo(query: Query): Promise<Position> {
  const { rows } = await sql<{ position: string }>`
    SELECT txid::text || '-' || seq AS position FROM outbox_pruned`.execute(query);
  return parsePosition(rows[0]?.position ?? '0-0') ?? { txid: 0n, seq: 0n };
}
