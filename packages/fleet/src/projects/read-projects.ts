import { LongshoreError, PROJECT_FILTERS, Project } from '@longshore/contract';
import { type Query, type RawBuilder, type SqlBool, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { CURSOR_SHAPE, type CursorList, readCursor, writeCursor } from '../lists/cursor.ts';
import {
  allOf,
  type Condition,
  filterConditions,
  textCondition,
  wordCondition,
} from '../lists/filter-sql.ts';
import { countUpTo, type ListQuery, type Page } from '../lists/page.ts';
import type { Reach } from '../lists/reach.ts';
import './projects-table.ts';

/** A row as the contract has it. What instances take is added up from what their hosts show (0002-projects.sql). */
const shown = sql`json_build_object(
  'id', p.id, 'name', p.name, 'description', p.description,
  'quota', json_build_object('instances', p.max_instances, 'cpu', p.max_cpu, 'memoryBytes', p.max_memory_bytes,
    'diskBytes', p.max_disk_bytes),
  'use', (
    SELECT json_build_object('instances', count(*), 'cpu', coalesce(sum(t.cpu), 0),
      'memoryBytes', coalesce(sum(t.memory), 0), 'diskBytes', coalesce(sum(t.disk), 0),
      'unlimited', count(*) FILTER (WHERE t.cpu IS NULL OR t.memory IS NULL OR t.disk IS NULL))
    FROM instances i, instance_takes(i) AS t WHERE i.project_id = p.id),
  'defaultLifetimeDays', p.default_lifetime_days, 'maxLifetimeDays', p.max_lifetime_days,
  'createdAt', rfc3339(p.created_at), 'createdBy', p.created_by, 'revision', p.revision) AS project`;

const Row = z.object({ project: Project });

/**
 * One page of projects by name, with what their instances take.
 *
 * @throws LongshoreError `bad-filter`, `bad-cursor`
 */
export async function listProjects(
  context: FleetContext,
  query: ListQuery,
  reach: Reach = 'all',
): Promise<Page<Project>> {
  const { db } = context.store;
  const descending = query.sort === '-name';
  const list: CursorList = { list: 'projects', sort: query.sort ?? 'name', filter: query.filter };
  const name = sql`p.name`;
  const where: Condition[] = [
    ...filterConditions(query.filter, PROJECT_FILTERS, { name: textCondition(name) }, wordCondition(name)),
    ...(reach === 'all' ? [] : [sql<SqlBool>`p.id = ANY (${[...reach.projects]}::uuid[])`]),
  ];
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, list, [CURSOR_SHAPE.text]);
  const after: Condition[] =
    cursor === undefined
      ? []
      : [sql<SqlBool>`p.name ${sql.raw(descending ? '<' : '>')} ${cursor.after[0] ?? ''}`];
  const { rows } = await sql`
    SELECT ${shown} FROM projects p WHERE ${allOf([...where, ...after])}
    ORDER BY p.name ${sql.raw(descending ? 'DESC' : 'ASC')} LIMIT ${query.limit + 1}`.execute(db);
  const found = z.array(Row).parse(rows);
  const items = found.slice(0, query.limit).map(({ project }) => project);
  const total = cursor === undefined ? await countUpTo(db, sql`projects p`, where) : cursor.total;
  const last = items.at(-1);
  const more = found.length > query.limit && last !== undefined;
  return { items, next: more ? writeCursor(list, { after: [last.name], total }) : null, total };
}

/** A project by name or identifier. @throws LongshoreError `not-found` */
export function getProject(context: FleetContext, reference: string): Promise<Project> {
  return readProject(context.store.db, reference);
}

/** Like {@link getProject}, inside a transaction. */
export async function readProject(query: Query, reference: string): Promise<Project> {
  const { rows } = await sql`SELECT ${shown} FROM projects p WHERE ${named(reference)}`.execute(query);
  const [row] = z.array(Row).parse(rows);
  if (row === undefined) throw noProject(reference);
  return row.project;
}

/** The identifier of a project by name or identifier, or null where there is none. */
export async function findProjectId(query: Query, reference: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`SELECT p.id FROM projects p WHERE ${named(reference)}`.execute(
    query,
  );
  return rows[0]?.id ?? null;
}

/** The names of projects, by identifier. */
export async function projectNames(
  query: Query,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    SELECT id, name FROM projects WHERE id = ANY (${[...ids]}::uuid[])`.execute(query);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** A name that has the form of an identifier is looked for as an identifier alone. */
function named(reference: string): RawBuilder<SqlBool> {
  return CURSOR_SHAPE.uuid.test(reference)
    ? sql<SqlBool>`p.id = ${reference}::uuid`
    : sql<SqlBool>`p.name = ${reference}`;
}

/** What is not there, or what who asks may not see. */
export function noProject(reference: string): LongshoreError {
  return new LongshoreError('not-found', `There is no project ${reference}.`, {
    hint: 'List the projects to see which you have a role in.',
  });
}
