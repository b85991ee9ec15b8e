import {
  AUDIT_FILTERS,
  type AuditEntry,
  type FilterTerm,
  LongshoreError,
  parseFilter,
} from '@longshore/contract';
import { type Query, type RawBuilder, type SqlBool, type Store, sql } from '@longshore/store';
import { z } from 'zod';

/** Which entries; times are RFC 3339, `from` is among them, `until` is not. */
export type AuditChoice = Readonly<{
  filter?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
}>;

/** One page of the audit log. */
export type AuditPage = Readonly<{ items: AuditEntry[]; next: string | null; total: null }>;

const Row = z.object({
  id: z.string(),
  at: z.date(),
  who_kind: z.enum(['person', 'robot', 'set-up', 'nobody', 'foreign', 'longshore']),
  who_id: z.string(),
  who: z.string(),
  via: z.string(),
  address: z.string(),
  action: z.string(),
  target_kind: z.string(),
  target_id: z.string(),
  target_name: z.string(),
  status: z.number(),
  code: z.string().nullable(),
  operation_id: z.string().nullable(),
  request_id: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

const EXPORT_BATCH = 1000;

/**
 * One page, the newest first. The cursor is an entry's identifier: entries never change their order. They are not
 * counted: there may be millions.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listAudit(
  store: Store,
  query: AuditChoice & Readonly<{ limit: number; cursor?: string | undefined }>,
): Promise<AuditPage> {
  const { cursor, limit } = query;
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) {
    throw new LongshoreError('bad-cursor', 'The cursor does not belong to this list.', {
      hint: 'Pass `next` of the page before unchanged, or begin without a cursor.',
    });
  }
  const where = [
    ...conditions(query),
    ...(cursor === undefined ? [] : [sql<SqlBool>`id < ${cursor}::bigint`]),
  ];
  const rows = await read(store.db, where, 'DESC', limit + 1);
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total: null };
}

/**
 * All entries, the oldest first, as NDJSON: one object a line. Read in batches, so that the log may be of any length.
 *
 * @throws LongshoreError `bad-filter`, before the first line
 */
export function exportAudit(store: Store, choice: AuditChoice): AsyncIterable<string> {
  const where = conditions(choice);
  return lines(store, where);
}

async function* lines(store: Store, where: readonly RawBuilder<SqlBool>[]): AsyncGenerator<string> {
  let after = '0';
  for (;;) {
    const rows = await read(store.db, [...where, sql<SqlBool>`id > ${after}::bigint`], 'ASC', EXPORT_BATCH);
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const last = rows.at(-1);
    if (last === undefined || rows.length < EXPORT_BATCH) return;
    after = last.id;
  }
}

async function read(
  query: Query,
  where: readonly RawBuilder<SqlBool>[],
  direction: 'ASC' | 'DESC',
  limit: number,
): Promise<AuditEntry[]> {
  const { rows } = await sql`
    SELECT id::text, at, who_kind, who_id, who, via, address, action, target_kind, target_id, target_name, status, code,
      operation_id, request_id, detail
    FROM audit WHERE ${where.length === 0 ? sql`true` : sql.join([...where], sql` AND `)}
    ORDER BY audit.id ${sql.raw(direction)} LIMIT ${limit}`.execute(query);
  return z.array(Row).parse(rows).map(entryOf);
}

function conditions({ filter, from, until }: AuditChoice): readonly RawBuilder<SqlBool>[] {
  return [
    ...(filter === undefined ? [] : parseFilter(filter, AUDIT_FILTERS).map(conditionOf)),
    ...(from === undefined ? [] : [sql<SqlBool>`at >= ${from}::timestamptz`]),
    ...(until === undefined ? [] : [sql<SqlBool>`at < ${until}::timestamptz`]),
  ];
}

function conditionOf({ field, value, negated }: FilterTerm): RawBuilder<SqlBool> {
  if (value.includes('\0')) throw new LongshoreError('bad-filter', 'A filter has no NUL characters.');
  const any = sql<SqlBool>`(${sql.join(
    value.split(',').map((each) => oneOf(field, each)),
    sql` OR `,
  )})`;
  return negated ? sql<SqlBool>`NOT coalesce(${any}, false)` : any;
}

function oneOf(field: string | null, value: string): RawBuilder<SqlBool> {
  const like = value.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
  const matches = (column: RawBuilder<unknown>) =>
    value.includes('*') ? sql<SqlBool>`${column} LIKE ${like}` : sql<SqlBool>`${column} = ${value}`;
  switch (field) {
    case 'who':
      return sql<SqlBool>`(${matches(sql`who`)} OR who_id = ${value})`;
    case 'action':
      return matches(sql`action`);
    case 'target':
      return sql<SqlBool>`(target_id = ${value} OR ${matches(sql`target_name`)})`;
    case 'host':
      // What a person did to it, and what somebody did on it past us.
      return sql<SqlBool>`((target_kind IN ('host', 'hosts') AND (target_id = ${value} OR ${matches(sql`target_name`)}))
        OR detail ->> 'hostId' = ${value} OR ${matches(sql`(detail ->> 'host')`)})`;
    case 'code':
      return matches(sql`code`);
    case 'address':
      return matches(sql`address`);
    case 'operation':
      return sql<SqlBool>`operation_id::text = ${value}`;
    case 'result':
      if (value === 'ok') return sql<SqlBool>`status < 400`;
      if (value === 'refused') return sql<SqlBool>`status >= 400`;
      throw new LongshoreError('bad-filter', `"${value}" is no result.`, {
        hint: 'Write result:ok or result:refused.',
      });
    default:
      return sql<SqlBool>`(who ILIKE ${`%${like}%`} OR target_name ILIKE ${`%${like}%`})`;
  }
}

function entryOf(row: z.infer<typeof Row>): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    who: { kind: row.who_kind, id: row.who_id, name: row.who },
    via: row.via,
    address: row.address,
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
    status: row.status,
    code: row.code,
    operationId: row.operation_id,
    requestId: row.request_id,
    detail: row.detail,
  };
}
