import { LongshoreError, type UseHistory, UsePoint } from '@longshore/contract';
import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_SPAN_MS = HOUR_MS;
/** A plot is some hundred points wide. */
const POINTS_WANTED = 300;
const MAX_POINTS = 1500;
const MINUTE_SECONDS = 60;

/** Which part of the history; RFC 3339. Without `step` (seconds) as many as fill a plot. */
export type HistoryChoice = Readonly<{
  from?: string | undefined;
  to?: string | undefined;
  step?: number | undefined;
}>;

/**
 * Keeps what all hosts use at this minute, joins minutes into quarters of an hour, and forgets what is old. Any number
 * of processes may do it at once: a row is written once. One statement a minute for the whole fleet.
 */
export async function sampleHosts({ store }: FleetContext): Promise<void> {
  // Of hosts that were read lately: the last known figures of a silent one are no measurement.
  await sql`
    INSERT INTO host_use (host_id, step, at, cpu_threads, cpu_percent, memory_used, memory_total, disk_used, disk_total)
    SELECT h.id, 1, date_trunc('minute', now()), (h.resources ->> 'cpuThreads')::int,
      (h.resources ->> 'cpuUsedPercent')::real, (h.resources ->> 'memoryUsedBytes')::numeric,
      (h.resources ->> 'memoryTotalBytes')::numeric, coalesce(disk.used, 0), coalesce(disk.total, 0)
    FROM hosts h, LATERAL (
      SELECT sum((pool ->> 'usedBytes')::numeric) AS used, sum((pool ->> 'totalBytes')::numeric) AS total
      FROM jsonb_array_elements(h.resources -> 'pools') AS pool
      WHERE pool ->> 'totalBytes' IS NOT NULL AND pool ->> 'usedBytes' IS NOT NULL) AS disk
    WHERE h.status = 'online' AND h.resources IS NOT NULL AND h.observed_at > now() - interval '2 minutes'
    ON CONFLICT DO NOTHING`.execute(store.db);
  await sql`
    INSERT INTO host_use (host_id, step, at, cpu_threads, cpu_percent, memory_used, memory_total, disk_used, disk_total)
    SELECT host_id, 15, date_bin('15 minutes', at, 'epoch'), max(cpu_threads), avg(cpu_percent), avg(memory_used),
      max(memory_total), avg(disk_used), max(disk_total)
    FROM host_use
    WHERE step = 1 AND at < date_bin('15 minutes', now(), 'epoch') AND at >= coalesce(
      (SELECT max(at) + interval '15 minutes' FROM host_use WHERE step = 15), '-infinity')
    GROUP BY host_id, date_bin('15 minutes', at, 'epoch') ON CONFLICT DO NOTHING`.execute(store.db);
  await sql`
    DELETE FROM host_use WHERE (step = 1 AND at < now() - interval '24 hours')
      OR (step = 15 AND at < now() - interval '30 days')`.execute(store.db);
}

/** What one host used over time. @throws LongshoreError `not-found`, `bad-request` for times that make no plot */
export async function hostUse(context: FleetContext, id: string, choice: HistoryChoice): Promise<UseHistory> {
  const host = await context.store.db
    .selectFrom('hosts')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (host === undefined) throw new LongshoreError('not-found', `There is no host ${id}.`);
  return history(context, id, choice);
}

/** What all hosts used together over time. @throws LongshoreError `bad-request` for times that make no plot */
export function fleetUse(context: FleetContext, choice: HistoryChoice): Promise<UseHistory> {
  return history(context, null, choice);
}

async function history(
  { store, clock }: FleetContext,
  hostId: string | null,
  choice: HistoryChoice,
): Promise<UseHistory> {
  const span = spanOf(choice, clock());
  const points = await readPoints(store, hostId, span);
  return { from: span.from.toISOString(), to: span.to.toISOString(), stepSeconds: span.stepSeconds, points };
}

type Span = Readonly<{ from: Date; to: Date; stepSeconds: number }>;

/** @throws LongshoreError `bad-request` */
export function spanOf(choice: HistoryChoice, now: Date): Span {
  const to = choice.to === undefined ? now : new Date(choice.to);
  const from = choice.from === undefined ? new Date(to.getTime() - DEFAULT_SPAN_MS) : new Date(choice.from);
  const seconds = (to.getTime() - from.getTime()) / 1000;
  if (!(seconds > 0)) {
    throw new LongshoreError('bad-request', 'The time `from` is not before `to`.', {
      fields: [{ path: 'from', message: 'must be before `to`' }],
    });
  }
  const stepSeconds =
    choice.step ?? Math.max(1, Math.ceil(seconds / POINTS_WANTED / MINUTE_SECONDS)) * MINUTE_SECONDS;
  if (seconds / stepSeconds > MAX_POINTS) {
    throw new LongshoreError('bad-request', `That would be more than ${MAX_POINTS} points.`, {
      hint: 'Take a longer step, or a shorter time.',
      fields: [{ path: 'step', message: `must be at least ${Math.ceil(seconds / MAX_POINTS)}` }],
    });
  }
  return { from, to, stepSeconds };
}

const Row = UsePoint.extend({ at: z.date().transform((at) => at.toISOString()) });

/** Averages of each host over each step, then the sum over hosts; the processor by the number of threads. */
async function readPoints(
  store: Store,
  hostId: string | null,
  { from, to, stepSeconds }: Span,
): Promise<UsePoint[]> {
  const { rows } = await sql`
    -- Over the last day by the minute, before that by the quarter of an hour.
    WITH samples AS (
      SELECT * FROM host_use WHERE at >= ${from} AND at < ${to}
        AND (${hostId}::uuid IS NULL OR host_id = ${hostId}::uuid)
        AND (step = 1 OR at < (SELECT coalesce(min(at), 'infinity') FROM host_use WHERE step = 1))
    ),
    each AS (
      SELECT host_id, date_bin(make_interval(secs => ${stepSeconds}), at, 'epoch') AS at, max(cpu_threads) AS threads,
        avg(cpu_percent) AS cpu, avg(memory_used) AS memory_used, avg(memory_total) AS memory_total,
        avg(disk_used) AS disk_used, avg(disk_total) AS disk_total
      FROM samples GROUP BY 1, 2
    )
    SELECT at, (sum(cpu * threads) / nullif(sum(threads) FILTER (WHERE cpu IS NOT NULL), 0))::float8 AS "cpuPercent",
      sum(memory_used)::float8 AS "memoryUsedBytes", sum(memory_total)::float8 AS "memoryTotalBytes",
      sum(disk_used)::float8 AS "diskUsedBytes", sum(disk_total)::float8 AS "diskTotalBytes"
    FROM each GROUP BY at ORDER BY at`.execute(store.db);
  return z.array(Row).parse(rows);
}
