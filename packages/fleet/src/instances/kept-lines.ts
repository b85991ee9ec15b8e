import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import './instances-table.ts';

/**
 * The line of an instance in a list, as the UTF-8 bytes of its JSON text and a comma behind it, with what it is sorted and
 * completed by. Bytes, not text: 10,000 of them are copied into an answer in 2 ms, joined and encoded in 40.
 */
export type KeptLine = Readonly<{
  id: string;
  name: string;
  hostId: string;
  projectId: string | null;
  bytes: Buffer;
}>;

/** The lines of all instances, in the memory of this process, true to the database at each question. */
export type KeptLines = Readonly<{
  /** All lines by name and identifier; undefined where there are more than this process should hold. */
  read(): Promise<readonly KeptLine[] | undefined>;
}>;

/** Some 10 MB of lines. A larger fleet is read by pages, for which the database is quick enough. */
const MOST_LINES = 20_000;
/** Nobody looked for so long: the memory is worth more than the first answer after it. */
const FORGET_AFTER_MS = 5 * 60_000;

const Row = z.object({
  horizon: z.string(),
  id: z.string().nullable(),
  name: z.string().nullable(),
  host_id: z.string().nullable(),
  project_id: z.string().nullable(),
  summary: z.string().nullable(),
});

/** Of no transaction yet: everything is newer. */
const START = '0';

/**
 * Each question asks the database what was changed or removed since the one before: rows whose transaction is not older
 * than the oldest one that was running then, so that none is missed whatever the order of commits. In a quiet fleet that is
 * no row instead of 10,000.
 */
export function createKeptLines(store: Store, mostLines = MOST_LINES): KeptLines {
  let lines = new Map<string, KeptLine>();
  let order: readonly KeptLine[] = [];
  let horizon = START;
  let waiting: Promise<readonly KeptLine[] | undefined> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let forgetting: NodeJS.Timeout | undefined;

  const forget = () => {
    lines = new Map();
    order = [];
    horizon = START;
  };

  /** Takes over what changed; true when the order may have changed with it. */
  const take = (rows: readonly z.infer<typeof Row>[]): boolean => {
    let moved = false;
    for (const { id, name, host_id: hostId, project_id: projectId, summary } of rows) {
      if (id === null) continue; // the row that only tells the horizon
      if (name === null || hostId === null || summary === null) {
        moved = lines.delete(id) || moved;
        continue;
      }
      moved ||= lines.get(id)?.name !== name;
      lines.set(id, { id, name, hostId, projectId, bytes: Buffer.from(`${summary},`) });
    }
    return moved;
  };

  const refresh = async (): Promise<readonly KeptLine[] | undefined> => {
    clearTimeout(forgetting);
    forgetting = setTimeout(forget, FORGET_AFTER_MS).unref();
    if (horizon === START && (await countInstances(store, mostLines + 1)) > mostLines) return undefined;
    const rows = await changesSince(store, horizon);
    const [first] = rows;
    if (first === undefined) throw new Error('the database did not tell its horizon');
    horizon = first.horizon;
    if (take(rows)) order = [...lines.values()].sort(byNameAndId);
    else if (rows.length > 1 || first.id !== null) order = order.map((line) => lines.get(line.id) ?? line);
    if (order.length <= mostLines) return order;
    forget();
    return undefined;
  };

  return {
    read() {
      // Whoever comes while a look is under way needs the next one, and shares it with all who come until it begins.
      waiting ??= running.then(() => {
        waiting = undefined;
        const look = refresh();
        running = look.catch(forget); // a look that broke may have taken half of what it read
        return look;
      });
      return waiting;
    },
  };
}

/** The horizon of the next look, with what was changed or removed since the last one: two short index walks. */
async function changesSince(store: Store, since: string): Promise<readonly z.infer<typeof Row>[]> {
  const { rows } = await sql`
    WITH now AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon)
    SELECT now.horizon, changed.* FROM now LEFT JOIN LATERAL (
      SELECT NULL::text AS removed, id, name, host_id, project_id, summary FROM instances
      WHERE summary_txid >= ${since}::xid8
      UNION ALL
      SELECT 'removed', id, NULL, NULL, NULL, NULL FROM instance_removals WHERE txid >= ${since}::xid8
    ) AS changed ON true
    ORDER BY changed.removed NULLS FIRST`.execute(store.db);
  return z.array(Row).parse(rows);
}

async function countInstances(store: Store, upTo: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM (SELECT FROM instances LIMIT ${upTo}) AS counted`.execute(store.db);
  return rows[0]?.n ?? 0;
}

/** As the database sorts names (COLLATE "C") and identifiers. */
export function byNameAndId(a: Pick<KeptLine, 'name' | 'id'>, b: Pick<KeptLine, 'name' | 'id'>): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
