import { type Query, sql } from '@longshore/store';
import './hosts-table.ts';

/** The names of hosts, by identifier. */
export async function hostNames(query: Query, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    SELECT id::text, name FROM hosts WHERE id::text = ANY (${[...ids]}::text[])`.execute(query);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The identifier of a host by name or identifier, or null where there is none. */
export async function findHostId(query: Query, reference: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    SELECT id::text FROM hosts WHERE name = ${reference} OR id::text = ${reference} LIMIT 1`.execute(query);
  return rows[0]?.id ?? null;
}
