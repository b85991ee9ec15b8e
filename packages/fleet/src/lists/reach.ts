import { type SqlBool, sql } from '@longshore/store';
import type { Condition } from './filter-sql.ts';

/**
 * Which instances somebody may see or change, and what hangs on them: all, or those of projects, on hosts (by
 * identifier) and with labels (`key=value`).
 */
export type Reach =
  | 'all'
  | Readonly<{
      projects: readonly string[];
      hosts: readonly string[];
      labels: readonly string[];
      /** Who asks: sees what they asked for themselves, also where it has no instance (a bulk operation). */
      requesterId: string;
    }>;

/** Condition on instances; the table must be called `i`. */
export function reachesInstance(reach: Reach): readonly Condition[] {
  if (reach === 'all') return [];
  return [anyOf(instanceParts(reach))];
}

/** Condition on operations, by the name of their table in the statement. */
export function reachesOperation(reach: Reach): readonly Condition[] {
  if (reach === 'all') return [];
  const parts = [sql<SqlBool>`operations.requester_id = ${reach.requesterId}`];
  if (reach.projects.length > 0)
    parts.push(sql<SqlBool>`operations.project_id = ANY (${[...reach.projects]}::uuid[])`);
  if (reach.hosts.length > 0 || reach.labels.length > 0) {
    parts.push(sql<SqlBool>`(operations.target_kind = 'instance' AND EXISTS (
      SELECT FROM instances i WHERE i.id::text = operations.target_id
        AND ${anyOf(instanceParts({ ...reach, projects: [] }))}))`);
  }
  return [anyOf(parts)];
}

/** Condition on exports. */
export function reachesExport(reach: Reach): readonly Condition[] {
  if (reach === 'all') return [];
  return [
    sql<SqlBool>`(exports.project_id = ANY (${[...reach.projects]}::uuid[]) OR EXISTS (
      SELECT FROM instances i WHERE i.id = exports.instance_id AND ${anyOf(instanceParts({ ...reach, projects: [] }))}))`,
  ];
}

function instanceParts(reach: Exclude<Reach, 'all'>): readonly Condition[] {
  return [
    ...(reach.projects.length > 0 ? [sql<SqlBool>`i.project_id = ANY (${[...reach.projects]}::uuid[])`] : []),
    ...(reach.hosts.length > 0 ? [sql<SqlBool>`i.host_id = ANY (${[...reach.hosts]}::uuid[])`] : []),
    ...reach.labels.map((label) => {
      const at = label.indexOf('=');
      return sql<SqlBool>`i.labels @> ${JSON.stringify({ [label.slice(0, at)]: label.slice(at + 1) })}::jsonb`;
    }),
  ];
}

function anyOf(parts: readonly Condition[]): Condition {
  return parts.length === 0 ? sql<SqlBool>`false` : sql<SqlBool>`(${sql.join([...parts], sql` OR `)})`;
}
