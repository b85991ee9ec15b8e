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
  total: z.number(),
  id: z.string().nullable(),
  name: z.string().nullable(),
  host_id: z.string().nullable(),
  project_id: z.string().nullable(),
  summary: z.string().nullable(),
});

/**
 * Each question asks the database what has changed since the one before: lines whose transaction is not older than the
 * oldest one that was running then, so that none is missed whatever the order of commits, and the number of all, by which
 * a removal shows. In a quiet fleet that is one row instead of 10,000.
 */
export function createKeptLines(store: Store, mostLines = MOST_LINES): KeptLines {
  let lines = new Map<string, KeptLine>();
  let order: readonly KeptLine[] = [];
  let horizon = '0';
  let waiting: Promise<readonly KeptLine[] | undefined> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let forgetting: NodeJS.Timeout | undefined;

  const forget = () => {
    lines = new Map();
    order = [];
    horizon = '0';
  };

  const changesSince = async (since: string) => {
    const { rows } = await sql`
      WITH now AS MATERIALIZED (
        SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon, (SELECT count(*) FROM instances) AS total)
      SELECT now.horizon::text AS horizon, now.total, i.id, i.name, i.host_id, i.project_id, i.summary
      FROM now LEFT JOIN instances i ON i.summary_txid >= ${since}::xid8 AND now.total <= ${mostLines}`.execute(
      store.db,
    );
    const parsed = z.array(Row).parse(rows);
    const [first] = parsed;
    if (first === undefined) throw new Error('the database did not tell its horizon');
    return { horizon: first.horizon, total: first.total, rows: parsed };
  };

  /** Takes changed lines over; true when the order may have changed. */
  const take = (rows: readonly z.infer<typeof Row>[]): boolean => {
    let moved = false;
    for (const { id, name, host_id: hostId, project_id: projectId, summary } of rows) {
      if (id === null || name === null || hostId === null || summary === null) continue;
      moved ||= lines.get(id)?.name !== name;
      lines.set(id, { id, name, hostId, projectId, bytes: Buffer.from(`${summary},`) });
    }
    return moved;
  };

  const refresh = async (): Promise<readonly KeptLine[] | undefined> => {
    clearTimeout(forgetting);
    forgetting = setTimeout(forget, FORGET_AFTER_MS).unref();
    let changes = await changesSince(horizon);
    if (changes.total <= mostLines && take(changes.rows) === false && lines.size === changes.total) {
      if (changes.rows.some((row) => row.id !== null))
        order = order.map((line) => lines.get(line.id) ?? line);
      horizon = changes.horizon;
      return order;
    }
    if (changes.total <= mostLines && lines.size !== changes.total) {
      // Some are gone: which ones, only a look at all of them tells.
      forget();
      changes = await changesSince(horizon);
      take(changes.rows);
    }
    if (changes.total > mostLines || lines.size !== changes.total) {
      forget();
      return undefined;
    }
    horizon = changes.horizon;
    order = [...lines.values()].sort(byNameAndId);
    return order;
  };

  return {
    read() {
      // Whoever comes while a look is under way needs the next one, and shares it with all who come until it begins.
      waiting ??= running.then(() => {
        waiting = undefined;
        const look = refresh();
        running = look.catch(() => undefined);
        return look;
      });
      return waiting;
    },
  };
}

/** As the database sorts names (COLLATE "C") and identifiers. */
export function byNameAndId(a: Pick<KeptLine, 'name' | 'id'>, b: Pick<KeptLine, 'name' | 'id'>): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
